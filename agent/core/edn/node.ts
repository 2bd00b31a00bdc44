/** Where something stands: `start` and `end` count UTF-16 code units from 0, line and column from 1. */
export interface EdnSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

export interface EdnName extends EdnSpan {
  readonly kind: 'keyword' | 'symbol';
  readonly namespace: string | null;
  readonly name: string;
  /** As it would be written: `:artist/gid`, `artist`. */
  readonly text: string;
}

export interface EdnString extends EdnSpan {
  readonly kind: 'string';
  readonly value: string;
}

export interface EdnInteger extends EdnSpan {
  readonly kind: 'integer';
  /** Decimal digits with an optional minus, whatever notation was used. */
  readonly text: string;
  /** Clojure would make a BigInt of it rather than a Long. */
  readonly isBig: boolean;
}

export interface EdnEntry {
  readonly key: EdnNode;
  readonly value: EdnNode;
}

export interface EdnMap extends EdnSpan {
  readonly kind: 'map';
  /** In the order of the text; the keys of `#:ns{}` carry their namespace. */
  readonly entries: readonly EdnEntry[];
}

export interface EdnSequence extends EdnSpan {
  readonly kind: 'list' | 'vector' | 'set';
  readonly items: readonly EdnNode[];
}

export type EdnAtom =
  | (EdnSpan & { readonly kind: 'nil' })
  | (EdnSpan & { readonly kind: 'boolean'; readonly value: boolean })
  | (EdnSpan & { readonly kind: 'character'; readonly value: string })
  | (EdnSpan & { readonly kind: 'float'; readonly value: number })
  /** `digits` without trailing zeros, times ten to the power of `exponent`. */
  | (EdnSpan & { readonly kind: 'decimal'; readonly digits: string; readonly exponent: number })
  | (EdnSpan & { readonly kind: 'ratio'; readonly numerator: string; readonly denominator: string })
  /** Milliseconds since the epoch. */
  | (EdnSpan & { readonly kind: 'instant'; readonly at: number })
  | (EdnSpan & { readonly kind: 'uuid'; readonly text: string })
  | EdnName
  | EdnString
  | EdnInteger
  /** Stands where something unreadable stood; only beside faults. */
  | (EdnSpan & { readonly kind: 'broken' });

export interface EdnTagged extends EdnSpan {
  readonly kind: 'tagged';
  readonly tag: EdnName;
  readonly value: EdnNode;
}

/** One EDN form. Metadata is read and dropped: it is no part of a value. */
export type EdnNode = EdnAtom | EdnSequence | EdnMap | EdnTagged;

/** The value under a keyword such as `:tables`, or null. */
export function lookUp(map: EdnMap, keyword: string): EdnNode | null {
  for (const { key, value } of map.entries) {
    if (key.kind === 'keyword' && key.text === keyword) return value;
  }
  return null;
}
