import type { EdnName, EdnSpan } from '../edn/node.ts';

/** A name as it will stand in SQL, but for capitals. */
export interface SqlName extends EdnSpan {
  /** As it was written, without quotes. */
  readonly text: string;
}

export interface Renaming {
  readonly attribute: EdnName;
  readonly to: SqlName;
}

export interface TableOptions {
  readonly name: SqlName | null;
  readonly include: readonly EdnName[];
  /** `:namespace/*`: all attributes of that namespace are included. */
  readonly wildcards: readonly EdnName[];
  readonly exclude: readonly EdnName[];
  readonly rename: readonly Renaming[];
  readonly renameManyTable: readonly Renaming[];
  readonly scale: readonly ScaleEntry[];
}

export interface ScaleEntry {
  readonly attribute: EdnName;
  readonly digits: number;
}

/** One entry of `:tables`: the membership attribute and its options. */
export interface TableEntry {
  readonly attribute: EdnName;
  readonly options: TableOptions;
}

export interface JoinEntry {
  readonly attribute: EdnName;
  readonly target: SqlName;
}

/** What a metaschema says, as far as it can be understood. */
export interface Metaschema {
  readonly tables: readonly TableEntry[];
  readonly joins: readonly JoinEntry[];
}

/** Every option of a table. */
export const OPTION_KEYS = [
  ':name',
  ':include',
  ':exclude',
  ':rename',
  ':rename-many-table',
  ':scale',
] as const;
