import { readProperties } from './read.ts';

/** Keys and values of a `.properties` file; of a duplicate key the last one counts, as in Java. */
export function readEntries(bytes: Uint8Array): ReadonlyMap<string, string> {
  return new Map(readProperties(bytes).entries.map(({ key, value }) => [key, value] as const));
}
