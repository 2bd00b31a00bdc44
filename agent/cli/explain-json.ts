import type { SqlTable } from '../core/gate/tables.ts';
import type { Explanation } from '../core/schema/explain.ts';
import { findSqlType } from '../core/schema/sql-types.ts';

/** The shape of the contract: `tables` are those of the first schema that matches. */
export function printExplanation({ metaschemas, schemas, catalogs }: Explanation): string {
  const document = {
    metaschemas: metaschemas.map(({ path, schemas: matches }) => {
      const tables = describeTables(matches.find((match) => match.matches)?.tables ?? []);
      const first = JSON.stringify(tables);
      return {
        path,
        schemas: matches.map((match) => {
          const own = describeTables(match.tables);
          return {
            path: match.path,
            matches: match.matches,
            missing: match.missing.map(({ attribute }) => attribute),
            // Only where they differ from `tables`.
            ...(match.matches && JSON.stringify(own) !== first ? { tables: own } : {}),
          };
        }),
        tables,
      };
    }),
    scan: {
      schemas: schemas.map(({ path, tableCount }) => ({ path, tables: tableCount })),
      catalogs,
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function describeTables(tables: readonly SqlTable[]) {
  return tables.map(({ name, kind, membership, attribute, columns }) => ({
    name,
    kind,
    membership,
    attribute,
    columns: columns.map((column) => {
      const type = findSqlType(column);
      return {
        name: column.name,
        type: type.name,
        assumed: type.isAssumed,
        attribute: column.attribute,
        through: column.through,
      };
    }),
  }));
}
