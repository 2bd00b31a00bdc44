/** Acknowledgements: a person's yes to named paths, as far as it is still needed. Pure. */

import type { Widened } from './gate/exposure.ts';
import type { Acknowledgement, Memory } from './memory.ts';
import type { Snapshot } from './types.ts';

/** Those that count for a snapshot of this group: a yes does not cross groups, like what it was said to. */
export const acknowledgementsOf = (
  { group, acknowledgements }: Memory,
  name: string,
): Memory['acknowledgements'] => (group === null || group.name === name ? acknowledgements : []);

/** Paths whose deletion a person agreed to. */
export const acknowledgedDeletions = (acknowledgements: readonly Acknowledgement[]): readonly string[] =>
  acknowledgements
    .filter(({ kind }) => kind === 'deletion')
    .flatMap(({ paths }) => paths.map(({ path }) => path));

export const isExposureAcknowledged = (
  acknowledgements: readonly Acknowledgement[],
  widened: Widened,
): boolean =>
  acknowledgements.some(
    ({ kind, paths }) =>
      kind === 'exposure' &&
      paths.some(({ path, reason }) => path === widened.path && reason === widened.reason),
  );

/** What the manifest of exactly this content allows, as acknowledgements of the paths that need one. */
export function allowedByManifest(
  snapshot: Snapshot,
  needed: { readonly deletions: readonly string[]; readonly exposures: readonly Widened[] },
): readonly Acknowledgement[] {
  const { id, origin, allow } = snapshot;
  const yes = { snapshot: id, at: origin.at, by: origin.by };
  const made: Acknowledgement[] = [];
  if (allow.includes('deletion') && needed.deletions.length > 0) {
    made.push({ kind: 'deletion', ...yes, paths: needed.deletions.map((path) => ({ path, reason: null })) });
  }
  if (allow.includes('exposure') && needed.exposures.length > 0) {
    made.push({ kind: 'exposure', ...yes, paths: needed.exposures });
  }
  return made;
}

/**
 * Those that the baseline does not reflect yet: its files still have the path, or it still shows less. Without a
 * baseline nothing proven reflects any: what merely went live may fail, and the next release must not ask again.
 */
export function stillNeeded(
  acknowledgements: readonly Acknowledgement[],
  needed: {
    readonly hasBaseline: boolean;
    readonly deletions: readonly string[];
    readonly exposures: readonly Widened[];
  },
): readonly Acknowledgement[] {
  if (!needed.hasBaseline) return acknowledgements;
  return acknowledgements.filter(({ kind, paths }) =>
    kind === 'deletion'
      ? paths.some(({ path }) => needed.deletions.includes(path))
      : paths.some(({ path, reason }) =>
          needed.exposures.some((one) => one.path === path && one.reason === reason),
        ),
  );
}
