/** How often the process may be started between two rests, told from what was done alone. */

import type { ReleaseFacts } from '../../../../agent/core/types.ts';
import { LIMITS } from '../../../fakes/builders.ts';
import type { Behaviour } from '../../../fakes/plan-engine.ts';
import { aliveRun, isPausedForGood, type Notes } from './notes.ts';
import type { Operation } from './operations.ts';

/** Nothing of it concerns what the engine reads at its start. */
const HOT: readonly Operation['do'][] = [
  'sync-metaschema',
  'sync-same',
  'sync-broken',
  'poll',
  'wait',
  'edit-by-hand',
  'resume',
  'retry',
];
const COLD: readonly Operation['do'][] = ['sync-catalog', 'burst'];

export interface Window {
  /** At the rest before: proven, live and serving. */
  readonly from: ReleaseFacts | null;
  readonly operations: readonly Operation[];
  readonly runsBefore: number;
  readonly elapsedMs: number;
}

export const restOf = (notes: Notes): ReleaseFacts | null => {
  const { desired, proven } = notes.status;
  const isCalm = !isPausedForGood(notes) && notes.isMemorySufficient && aliveRun(notes)?.servedAt != null;
  return isCalm && desired !== null && desired.digest === proven?.digest ? proven : null;
};

/** Sentence when the starts of the window cannot be right; null when they can, or when nothing can be said. */
export function judgeCounts(
  notes: Notes,
  { from, operations, runsBefore, elapsedMs }: Window,
  behaviourOf: (fingerprint: string) => Behaviour,
): string | null {
  if (from === null || behaviourOf(from.fingerprint) !== 'serves') return null;
  const isPlain = operations.every(({ do: name }) => HOT.includes(name) || COLD.includes(name));
  if (!isPlain) return null;
  const begun = notes.runs.slice(runsBefore);
  const changes = operations.filter(({ do: name }) => COLD.includes(name));
  const hot = 'only metaschemas, comments or broken files were synced';
  if (changes.length === 0) {
    return begun.length === 0 ? null : `${begun.length} starts, though ${hot}`;
  }
  if (begun.some(({ how }) => how !== 'serves')) return null;
  const most = 1 + Math.floor(elapsedMs / LIMITS.spacingMs);
  if (begun.length > most) return `${begun.length} starts in ${elapsedMs / 1_000} s`;
  const [only] = changes;
  if (changes.length > 1 || only?.do !== 'sync-catalog') return null;
  const expected = notes.status.desired?.fingerprint === from.fingerprint ? 0 : 1;
  return begun.length === expected
    ? null
    : `${begun.length} starts for one change of the catalogs, not ${expected}`;
}
