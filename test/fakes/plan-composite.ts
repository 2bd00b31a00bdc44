import type { Memory } from '../../agent/core/memory.ts';
import { quarantineOf } from '../../agent/core/plan/facts.ts';
import type { Digest, ReleaseFacts } from '../../agent/core/types.ts';

/** The newest metaschemas on the proven catalogs: the letters of what is proven, the digits of what is desired. */
export function compositeOf(memory: Memory): ReleaseFacts | null {
  const { desired, proven } = memory;
  if (desired === null || proven === null || desired.group !== proven.group) return null;
  const entry = quarantineOf({ memory }, desired);
  if (entry === null || entry.fingerprint === null || entry.digest === desired.digest) return null;
  const metaschemas = /\d+$/.exec(desired.digest)?.[0] ?? '';
  const name = `${proven.fingerprint}${metaschemas}`;
  return { ...desired, digest: name as Digest, fingerprint: proven.fingerprint };
}
