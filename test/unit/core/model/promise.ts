import type { Happening, Notes } from './notes.ts';

/**
 * One promise of the design as a pure function: what is wrong with this happening after all that was noted before it;
 * null when it keeps the promise.
 */
export interface Promised {
  readonly words: string;
  readonly judge: (notes: Notes, event: Happening) => string | null;
}
