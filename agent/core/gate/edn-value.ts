import { type EdnReading, readEdn } from '../edn/read.ts';
import type { Place, PropertyEntry } from '../properties/read.ts';

export interface EdnValue extends EdnReading {
  /** The place in the file for an index in the value. */
  readonly placeOf: (index: number) => Place;
}

/** Reads the value of a property as EDN. Places in messages are those of the file, unless the value has escapes. */
export function readEdnValue(entry: PropertyEntry, options: { readonly isSecret: boolean }): EdnValue {
  const { value, valueLine: line, valueColumn: column } = entry;
  const reading = readEdn(value, { ...options, unknownTags: 'keep', at: { line, column } });
  return { ...reading, placeOf: entry.locateInValue };
}
