import { EMPTY_MEMORY, type Memory } from './memory.ts';
import { own } from './own.ts';
import type { Release } from './release.ts';

/** What is written down beside the store whenever a release is proven: enough to begin from without the state. */
export function provenRecordOf(memory: Memory): Memory {
  const { group, proven, baselines, kept, acknowledgements, servedBoot } = memory;
  return { ...EMPTY_MEMORY, group, proven, baselines, kept, acknowledgements, servedBoot };
}

/**
 * The memory to begin with when the state file is lost: what was proven, and what was last being published. Files
 * that the intended release keeps stay kept, also when that was decided after the last proof.
 */
export function recoverMemory(record: Memory | null, intended: Release | null, now: number): Memory {
  const base = record ?? EMPTY_MEMORY;
  if (intended === null) return base;
  const { facts, kept } = intended;
  const isKnown = kept.length === 0 || own(base.kept, facts.group) !== undefined;
  return {
    ...base,
    desired: facts,
    kept: isKnown
      ? base.kept
      : {
          ...base.kept,
          [facts.group]: { paths: kept, from: facts.digest, snapshot: facts.snapshot, at: now },
        },
  };
}
