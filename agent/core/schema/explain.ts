import { isDatomic, readCatalog } from '../gate/catalog.ts';
import { computeTables, type SqlTable } from '../gate/tables.ts';
import { managedKindOf } from '../managed-path.ts';
import type { SourceFile } from '../types.ts';
import type { DatomicSchema } from './datomic-schema.ts';
import { findMissing, type KnownSchema, knowSchema, readMetaschemas } from './metaschemas.ts';
import { nearestAttribute } from './nearest-attribute.ts';

export interface MissingAttribute {
  readonly attribute: string;
  readonly line: number;
  readonly column: number;
  /** The attribute of this schema that was probably meant, or null. */
  readonly nearest: string | null;
}

/** A metaschema held against one schema. */
export interface SchemaMatch {
  readonly path: string;
  readonly matches: boolean;
  /** Membership attributes that the schema lacks. */
  readonly missing: readonly MissingAttribute[];
  /** None where it does not match. */
  readonly tables: readonly SqlTable[];
}

export interface ExplainedMetaschema {
  readonly path: string;
  readonly schemas: readonly SchemaMatch[];
}

/** What a database with this schema shows. */
export interface ExplainedSchema {
  readonly path: string;
  readonly attributeCount: number;
  /** Paths of the metaschemas that match it. */
  readonly metaschemas: readonly string[];
  /** All tables, the automatic ones included: what a scan of JDBC metadata loads for such a database. */
  readonly tableCount: number;
}

export interface ExplainedCatalog {
  readonly path: string;
  /** Null when none are listed: then all are visible, and JDBC metadata is off. */
  readonly databases: readonly string[] | null;
}

export interface Explanation {
  readonly metaschemas: readonly ExplainedMetaschema[];
  readonly schemas: readonly ExplainedSchema[];
  readonly catalogs: readonly ExplainedCatalog[];
}

/** Which schemas the metaschemas match, and what comes out in SQL. */
export function explainMetaschemas(
  files: readonly SourceFile[],
  schemas: readonly DatomicSchema[],
): Explanation {
  const known = schemas.map(knowSchema);
  const metaschemas = readMetaschemas(files).map(({ path, metaschema }) => ({
    path,
    schemas: known.map((schema) => {
      const missing = findMissing(metaschema, schema).map((attribute) => ({
        attribute: attribute.text,
        line: attribute.line,
        column: attribute.column,
        nearest: nearestAttribute(attribute, schema.attributes),
      }));
      const matches = missing.length === 0;
      const tables = matches ? computeTables(metaschema, schema.attributes) : [];
      return { path: schema.path, matches, missing, tables };
    }),
  }));
  return {
    metaschemas,
    schemas: known.map((schema, index) =>
      countTables(schema, schemas[index]?.attributes.size ?? 0, index, metaschemas),
    ),
    catalogs: readCatalogs(files),
  };
}

function countTables(
  { path }: KnownSchema,
  attributeCount: number,
  index: number,
  metaschemas: readonly ExplainedMetaschema[],
): ExplainedSchema {
  const matching = metaschemas.filter(({ schemas }) => schemas[index]?.matches);
  const automatic = computeTables({ tables: [], joins: [] }, null);
  const tables = [...automatic, ...matching.flatMap(({ schemas }) => schemas[index]?.tables ?? [])];
  return {
    path,
    attributeCount,
    metaschemas: matching.map((metaschema) => metaschema.path),
    tableCount: new Set(tables.map(({ name }) => name)).size,
  };
}

function readCatalogs(files: readonly SourceFile[]): readonly ExplainedCatalog[] {
  return files
    .filter(({ path }) => managedKindOf(path) === 'catalog')
    .map(({ path, bytes }) => ({ path, catalog: readCatalog(bytes) }))
    .filter(({ catalog }) => catalog.connector !== null && isDatomic(catalog.connector))
    .map(({ path, catalog }) => ({ path, databases: catalog.databases }));
}
