import { canonicalJson, type Sha256, sortFiles } from './digest.ts';
import type { EngineIdentity } from './engine/identity.ts';
import { catalogMeaning } from './gate/catalog.ts';
import { readJvmOptions } from './jvm-options.ts';
import { managedKindOf } from './managed-path.ts';
import { readEntries } from './properties/entries.ts';
import type { Fingerprint, SourceFile } from './types.ts';

/**
 * Digest of the meaning of all that the engine reads at start: parsed catalogs, its own files, engine and Java.
 * Comments, order of keys and spacing change nothing; metaschemas are not read at start and do not count. The
 * order of JVM options does: the last of two that contradict each other wins.
 */
export function fingerprintOf(options: {
  readonly etc: readonly SourceFile[];
  readonly engine: EngineIdentity;
  readonly sha256: Sha256;
}): Fingerprint {
  const { etc, engine, sha256 } = options;
  const meanings = sortFiles(etc).flatMap((file) => {
    const meaning = meaningOf(file);
    return meaning === null ? [] : [[file.path, sha256(canonicalJson(meaning))]];
  });
  const { name, version, java } = engine;
  return sha256(canonicalJson({ engine: { name, version, java }, meanings })) as Fingerprint;
}

function meaningOf(file: SourceFile): unknown {
  const kind = managedKindOf(file.path);
  if (kind === 'catalog') return catalogMeaning(file.bytes);
  if (kind !== 'engine') return null;
  return file.path === 'jvm.config'
    ? readJvmOptions(file.bytes)
    : Object.fromEntries(readEntries(file.bytes));
}
