import { compareText } from './digest.ts';

export interface DeletionGuard {
  /** Files that stay live although the source lost them, in path order. */
  readonly kept: readonly string[];
  /** Files that were kept, or would be, and are not: a person agreed, or the source has them again. */
  readonly released: readonly { readonly path: string; readonly because: 'acknowledged' | 'returned' }[];
}

/** The directories of the source whose disappearance is not believed. */
const GUARDED = ['catalog/', 'datomic/'] as const;

/**
 * Which files the source lost with their whole directory, and that stay live until a person agrees.
 *
 * - One file missing among others is honoured.
 * - A directory that had files and is gone or empty keeps all of them.
 * - What is kept stays kept until acknowledged or back, also when other files appear beside it.
 *
 * All are paths of one group: `baseline` of its last proven source files (kept ones included), `kept` of those
 * kept so far, `snapshot` of what the source has now, `acknowledged` of what a person agreed to lose.
 */
export function guardDeletions(options: {
  readonly baseline: readonly string[];
  readonly kept: readonly string[];
  readonly snapshot: readonly string[];
  readonly acknowledged: readonly string[];
}): DeletionGuard {
  const present = new Set(options.snapshot);
  const acknowledged = new Set(options.acknowledged);
  const lost = GUARDED.flatMap((directory) => {
    const isEmpty = !options.snapshot.some((path) => path.startsWith(directory));
    const wasKept = options.kept.filter((path) => path.startsWith(directory));
    return isEmpty ? [...wasKept, ...options.baseline.filter((path) => path.startsWith(directory))] : wasKept;
  });
  const candidates = [...new Set(lost)].toSorted(compareText);
  return {
    kept: candidates.filter((path) => !present.has(path) && !acknowledged.has(path)),
    released: candidates
      .filter((path) => present.has(path) || acknowledged.has(path))
      .map((path) => ({ path, because: present.has(path) ? 'returned' : 'acknowledged' })),
  };
}
