/** A catalog as the engine lists it. `connector` is null where the engine does not tell (PrestoSQL 350). */
export interface ListedCatalog {
  readonly name: string;
  readonly connector: string | null;
}

/** Lists catalogs; the connector's name is a column of its own in later releases of Trino only. */
export const LIST_CATALOGS = 'SELECT * FROM system.metadata.catalogs';

const DATOMIC_TABLE = 'db__idents';

/** An identifier as SQL wants it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Reads the rows of `LIST_CATALOGS`: name, an id that is the name again, and the connector where it is told. */
export function parseListedCatalogs(rows: readonly (readonly unknown[])[]): readonly ListedCatalog[] {
  return rows.flatMap(([name, , connector]) =>
    typeof name === 'string' ? [{ name, connector: typeof connector === 'string' ? connector : null }] : [],
  );
}

export function formatListSchemas(catalog: string): string {
  return `SHOW SCHEMAS FROM ${quoteName(catalog)}`;
}

/** Names one table that is no view of the coordinator itself. */
export function formatFindTable(catalog: string): string {
  return (
    `SELECT table_schema, table_name FROM ${quoteName(catalog)}.information_schema.tables ` +
    `WHERE table_schema <> 'information_schema' LIMIT 1`
  );
}

/**
 * A query that schedules a split, for a catalog with these schemas; null when none is known beforehand.
 *
 * Only a scan of a connector's own table will do. Measured on PrestoSQL 350 and Trino 476 from the first answer
 * on: `SELECT 1`, `system.metadata.catalogs`, `system.runtime.nodes|tasks|queries`, `x.information_schema.*` and
 * `TABLE(sequence(1, 10))` all succeed while a table scan still gets "No nodes available to run query".
 */
export function formatProofQuery(catalog: ListedCatalog, schemas: readonly string[]): string | null {
  const own = schemas.filter((schema) => schema !== 'information_schema');
  const isTpch = catalog.connector === 'tpch' || (catalog.connector === null && own.includes('tiny'));
  if (isTpch && own.includes('tiny')) return `SELECT count(*) FROM ${quoteName(catalog.name)}.tiny.nation`;
  const isMaybeDatomic = catalog.connector === null || catalog.connector === 'datomic';
  const [schema] = own;
  if (!isMaybeDatomic || schema === undefined) return null;
  return `SELECT * FROM ${quoteName(catalog.name)}.${quoteName(schema)}.${DATOMIC_TABLE} LIMIT 1`;
}

/** Reads one row of the table that `formatFindTable` named; null when it named none. */
export function formatScan(catalog: string, row: readonly unknown[] | undefined): string | null {
  const [schema, table] = row ?? [];
  return typeof schema === 'string' && typeof table === 'string'
    ? `SELECT * FROM ${quoteName(catalog)}.${quoteName(schema)}.${quoteName(table)} LIMIT 1`
    : null;
}
