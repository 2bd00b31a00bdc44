import { nearest } from '../nearest.ts';

const MAX_LENGTH = 100;
const MAX_CANDIDATES = 500;
const MIN_PREFIX = 4;

/**
 * The known word that was probably meant: the one that begins with it or that it begins with, else the nearest by
 * spelling, else null. Bounded: a hostile file cannot make it slow.
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  if (word.length > MAX_LENGTH || candidates.length > MAX_CANDIDATES) return null;
  const folded = word.toLowerCase();
  const short = candidates.filter((candidate) => candidate.length <= MAX_LENGTH);
  const byPrefix = short.filter(
    (candidate) =>
      (folded.length > MIN_PREFIX && candidate.startsWith(folded)) ||
      (candidate.length > MIN_PREFIX && folded.startsWith(candidate)),
  );
  const [only] = byPrefix;
  if (only !== undefined && byPrefix.length === 1) return only;
  return nearest(folded, short) ?? only ?? null;
}

/** `did you mean :rename-many-table ?`, or what to do when nothing is near. */
export function didYouMean(near: string | null, otherwise: string): string {
  return near === null ? otherwise : `did you mean ${near} ?`;
}
