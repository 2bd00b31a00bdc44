/** What a release should make appear in SQL. Pure. */
import { catalogNameOf, isDatomic, readCatalog } from '../gate/catalog.ts';
import type { Metaschema } from '../gate/metaschema-model.ts';
import { foldName } from '../gate/sql-names.ts';
import { computeTables } from '../gate/tables.ts';
import { managedKindOf } from '../managed-path.ts';
import { readMetaschemas } from '../schema/metaschemas.ts';
import type { SourceFile } from '../types.ts';

export interface ExpectedMetaschema {
  readonly path: string;
  readonly metaschema: Metaschema;
  /** The tables of its membership attributes: with them come all others, without one of them comes none. */
  readonly tables: readonly string[];
}

export interface ListedDatabase {
  readonly catalog: string;
  /** As the catalog names it. */
  readonly database: string;
}

export interface Expectation {
  readonly metaschemas: readonly ExpectedMetaschema[];
  readonly databases: readonly ListedDatabase[];
  /** Catalogs and databases that are not looked at, with the reason, for people. */
  readonly unlooked: readonly string[];
}

/** Statements go to databases that people use; a look asks no more than so many. */
export const MOST_DATABASES = 20;

/**
 * Only databases that a catalog lists are looked at: without a list every database of the system is visible, and
 * asking for its tables makes the connector load each one.
 */
export function expectEffect(files: readonly SourceFile[]): Expectation {
  const catalogs = files
    .filter(({ path }) => managedKindOf(path) === 'catalog')
    .map(({ path, bytes }) => ({ name: catalogNameOf(path), catalog: readCatalog(bytes) }))
    .filter(({ catalog }) => catalog.connector !== null && isDatomic(catalog.connector));
  const listed = catalogs.flatMap(({ name, catalog }) =>
    (catalog.databases ?? []).map((database) => ({ catalog: name, database: database.replace(/^:/, '') })),
  );
  const unlisted = catalogs.filter(({ catalog }) => catalog.databases === null).map(({ name }) => name);
  const left = listed.length - MOST_DATABASES;
  return {
    metaschemas: readMetaschemas(files).map(({ path, metaschema }) => ({
      path,
      metaschema,
      tables: computeTables(metaschema, null)
        .filter(({ kind }) => kind === 'entity')
        .map(({ name }) => name),
    })),
    databases: listed.slice(0, MOST_DATABASES),
    unlooked: [
      ...unlisted.map((name) => `catalog ${name} lists no databases`),
      ...(left > 0 ? [`${left} more databases are listed`] : []),
    ],
  };
}

/** The schema that shows a database: by its name, or as the connector folds it; null when there is none. */
export function findSchema(database: string, schemas: readonly string[]): string | null {
  const names = [database, database.toLowerCase(), foldName(database)];
  return names.find((name) => schemas.includes(name)) ?? null;
}
