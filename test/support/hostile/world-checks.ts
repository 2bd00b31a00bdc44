import { sha256 } from '../../../agent/adapters/sha256.ts';
import { releaseDigest } from '../../../agent/core/digest.ts';
import type { Release } from '../../../agent/core/release.ts';
import type { Digest } from '../../../agent/core/types.ts';

const DIRECTORIES = ['catalog/', 'datomic/'];

/** A whole directory goes only with a person's leave: `isAllowed`. */
export function judgeLoss(before: Release | null, after: Release, isAllowed: boolean): string[] {
  if (before === null || before.facts.group !== after.facts.group || isAllowed) return [];
  const has = ({ source }: Release, directory: string) =>
    source.some(({ path }) => path.startsWith(directory));
  return DIRECTORIES.filter((directory) => has(before, directory) && !has(after, directory)).map(
    (directory) => `${directory} was lost without anybody's leave`,
  );
}

/** What was proven once stays named, and whatever is named lies in the store, whole. */
export function judgeProven(
  before: Digest | null,
  proven: Digest | null,
  releases: ReadonlyMap<Digest, Release>,
): string[] {
  if (proven === null) return before === null ? [] : [`what was proven, ${before}, is forgotten`];
  const stored = releases.get(proven);
  if (stored === undefined) return [`the proven release ${proven} is not in the store`];
  return releaseDigest(stored, sha256) === proven ? [] : [`the proven release ${proven} is not whole`];
}

/** The engine is started again only for another meaning of what it reads. */
export function judgeStarts(starts: readonly { readonly release: Pick<Release, 'facts'> }[]): string[] {
  return starts.flatMap(({ release }, index) => {
    const before = starts[index - 1]?.release;
    return before?.facts.fingerprint === release.facts.fingerprint
      ? [`start ${index + 1} of the engine was for nothing`]
      : [];
  });
}
