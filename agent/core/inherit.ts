import type { SavedBaseline } from './baseline-document.ts';
import type { Memory } from './memory.ts';
import { own } from './own.ts';
import type { Digest, ReleaseFacts } from './types.ts';

/** A group's saved baseline, rendered anew for this machine. */
export interface InheritedGroup {
  readonly saved: SavedBaseline;
  /** The release of its proven files; null when it had none. */
  readonly release: ReleaseFacts | null;
  /** The release in which the kept files lie; null without kept files. */
  readonly keeper: Digest | null;
  /** It passes the gate as it is today: it may be started, not only be compared with. */
  readonly isAcceptable: boolean;
}

/** Where the source's high-water mark was highest; null when no group was ever in force. */
export function findGroupInForce(
  saved: readonly SavedBaseline[],
): { readonly name: string; readonly markAt: number } | null {
  const marked = saved.flatMap(({ group, markAt }) => (markAt === null ? [] : [{ name: group, markAt }]));
  return marked.reduce<(typeof marked)[number] | null>(
    (best, one) => (best === null || one.markAt > best.markAt ? one : best),
    null,
  );
}

/**
 * The memory after a baseline of another machine was read. What this machine knows by itself stays: it can be late.
 *
 * - Baselines and kept files come group by group, where there are none here.
 * - The group in force, its hold and acknowledgements come when the source is not known to be further.
 * - Its release becomes desired while there is nothing else, and is what there is to fall back on (where it has none,
 *   that of the group that was saved last). It is not proven: that it will be when it has served here.
 */
export function inheritMemory(memory: Memory, groups: readonly InheritedGroup[]): Memory {
  const baselines: Record<string, Digest> = {};
  const kept: Record<string, Memory['kept'][string]> = {};
  for (const { saved, release, keeper } of groups) {
    if (release !== null) baselines[saved.group] = release.digest;
    if (saved.kept !== null && keeper !== null) {
      const { snapshot, at, files } = saved.kept;
      kept[saved.group] = { paths: files.map(({ path }) => path), from: keeper, snapshot, at };
    }
  }
  const isFresh = (group: string) =>
    own(memory.baselines, group) === undefined && own(memory.kept, group) === undefined;
  const fresh = <T>(found: Record<string, T>) =>
    Object.fromEntries(Object.entries(found).filter(([group]) => isFresh(group)));
  const next: Memory = {
    ...memory,
    baselines: { ...fresh(baselines), ...memory.baselines },
    kept: { ...fresh(kept), ...memory.kept },
  };

  const inForce = findGroupInForce(groups.map(({ saved }) => saved));
  const current = groups.find(({ saved }) => saved.group === inForce?.name);
  const isBehind = memory.group !== null && memory.group.markAt >= (inForce?.markAt ?? 0);
  if (inForce === null || current === undefined || (isBehind && memory.group?.name !== inForce.name)) {
    return next;
  }
  const { saved, release, isAcceptable } = current;
  const usable = isAcceptable ? release : null;
  // Nothing was proven in the group in force: then what ran is what was proven last in another one.
  const fallback = release === null ? findNewest(groups) : usable;
  return {
    ...next,
    group: isBehind ? memory.group : inForce,
    desired: memory.desired ?? (memory.proven === null ? usable : null),
    inherited: memory.proven === null ? fallback : null,
    exposure: memory.exposure ?? (isFresh(saved.group) ? saved.exposure : null),
    acknowledgements: memory.acknowledgements.length > 0 ? memory.acknowledgements : saved.acknowledgements,
  };
}

function findNewest(groups: readonly InheritedGroup[]): ReleaseFacts | null {
  const [newest] = groups
    .filter(({ release, isAcceptable }) => release !== null && isAcceptable)
    .toSorted((a, b) => b.saved.changedAt - a.saved.changedAt);
  return newest?.release ?? null;
}
