import { nearest } from '../nearest.ts';

const MAX_LENGTH = 100;
const MAX_CANDIDATES = 2_000;
/** Of words that are shorter nearly everything is near. */
const MIN_LENGTH = 3;

/**
 * The known word that was probably meant: the only one that begins with it, else the nearest by spelling, else the
 * longest that it begins with, else null. Bounded: a hostile file cannot make it slow.
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  if (word.length > MAX_LENGTH || candidates.length > MAX_CANDIDATES || word.length < MIN_LENGTH) return null;
  const folded = word.toLowerCase();
  const short = candidates.filter((candidate) => candidate.length <= MAX_LENGTH);
  const [only, ...others] = short.filter((candidate) => candidate.startsWith(folded));
  if (only !== undefined && others.length === 0) return only;
  const near = nearest(folded, short, Math.max(1, Math.floor(word.length / 3)));
  if (near !== null) return near;
  const begun = short.filter((candidate) => candidate.length > MIN_LENGTH && folded.startsWith(candidate));
  return begun.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** `did you mean :rename-many-table ?`, or what to do when nothing is near. */
export function didYouMean(near: string | null, otherwise: string): string {
  return near === null ? otherwise : `did you mean ${near} ?`;
}
