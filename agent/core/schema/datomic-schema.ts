import type { KnownAttributes } from '../gate/tables.ts';
import { BUILT_IN } from './built-in.ts';

/** Where an attribute is defined; null when it was not read from a file. */
export type DefinedAt = { readonly path: string; readonly line: number; readonly column: number } | null;

export interface DatomicAttribute {
  /** With its colon: `:artist/gid`. */
  readonly ident: string;
  /** Such as `:db.type/string`; null when the schema does not say, or says something that is no type. */
  readonly valueType: string | null;
  /** False also where the schema does not say. */
  readonly isMany: boolean;
  readonly definedAt: DefinedAt;
}

/** The attributes that a database has, besides Datomic's own. */
export interface DatomicSchema {
  /** What people call it: the file or directory, or the database. */
  readonly path: string;
  /** By ident, in the order of the schema. */
  readonly attributes: ReadonlyMap<string, DatomicAttribute>;
}

/** All attributes of a database with this schema: its own, then those that every database has. */
export function listAttributes(schema: DatomicSchema): KnownAttributes {
  return new Map([...schema.attributes, ...[...BUILT_IN].filter(([ident]) => !schema.attributes.has(ident))]);
}
