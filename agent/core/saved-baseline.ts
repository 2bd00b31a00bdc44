import type { SavedBaseline } from './baseline-document.ts';
import type { Memory } from './memory.ts';
import { own } from './own.ts';
import type { Release } from './release.ts';
import type { SourceFile } from './types.ts';

/** The groups of which there is something to save. */
export function groupsToSave({ group, baselines, kept }: Memory): readonly string[] {
  const names = [...Object.keys(baselines), ...Object.keys(kept), ...(group === null ? [] : [group.name])];
  return [...new Set(names)].toSorted();
}

/** What of the memory a saved baseline shows: equal where nothing of it changed. */
export function savedKey({ group, baselines, kept, exposure, acknowledgements }: Memory): string {
  return JSON.stringify([group, baselines, kept, exposure, acknowledgements]);
}

/**
 * A group's baseline as it is saved. Hold and acknowledgements belong to the group in force. `baseline` and
 * `keeper` are the releases that the memory names for the group; null where there is none or it is damaged.
 */
export function makeSavedBaseline(options: {
  readonly group: string;
  readonly memory: Memory;
  readonly baseline: Release | null;
  readonly keeper: Release | null;
  readonly changedAt: number;
  readonly by: SavedBaseline['by'];
}): SavedBaseline {
  const { group, memory, baseline, keeper, changedAt, by } = options;
  const isInForce = memory.group?.name === group;
  const kept = own(memory.kept, group);
  return {
    group,
    changedAt,
    by,
    markAt: isInForce ? memory.group.markAt : null,
    proven:
      baseline === null
        ? null
        : {
            snapshot: baseline.facts.snapshot,
            origin: baseline.facts.origin,
            kept: baseline.kept,
            files: baseline.source,
          },
    kept:
      kept === undefined
        ? null
        : { snapshot: kept.snapshot, at: kept.at, files: collect(kept.paths, [keeper, baseline]) },
    exposure: isInForce ? memory.exposure : null,
    acknowledgements: isInForce ? memory.acknowledgements : [],
  };
}

/** The newest instant that the saved part of a memory names: when it was known at the latest. */
export function newestInstant(memory: Memory, group: string): number {
  const { kept, exposure, acknowledgements, proven } = memory;
  return Math.max(
    0,
    kept[group]?.at ?? 0,
    exposure?.at ?? 0,
    ...acknowledgements.map(({ at }) => at),
    proven?.group === group ? proven.origin.at : 0,
  );
}

function collect(paths: readonly string[], from: readonly (Release | null)[]): readonly SourceFile[] {
  return paths.flatMap((path) => {
    const found = from.map((release) => release?.source.find((file) => file.path === path));
    return found.find((file) => file !== undefined) ?? [];
  });
}
