import type { ExplainedCatalog, Explanation } from '../core/schema/explain.ts';
import { printable, printCount, wrap } from './print.ts';
import type { Style } from './style.ts';

/** What tools that read JDBC metadata make the connector load: all tables of every database that is listed. */
export function renderScan({ schemas, catalogs }: Explanation, style: Style): string[] {
  const counts = schemas.map(({ tableCount }) => tableCount);
  const perSchema = schemas.map(
    ({ path, tableCount }) =>
      `${printCount(tableCount, 'table')} for each listed database with ${printable(path)}`,
  );
  return [
    style.strong('A scan of JDBC metadata loads'),
    ...[...perSchema, ...catalogs.map((catalog) => describeCatalog(catalog, counts))].flatMap((line) =>
      wrap(line, style.width - 4).map((text, index) => `  ${index === 0 ? '' : '  '}${text}`),
    ),
  ];
}

function describeCatalog({ path, databases }: ExplainedCatalog, counts: readonly number[]): string {
  const shown = printable(path);
  if (databases === null) return `${shown} lists no databases: JDBC metadata is off, nothing is loaded`;
  const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) => count * databases.length);
  const listed = `${shown} lists ${printCount(databases.length, 'database')}`;
  if (counts.length === 0) return listed;
  if (counts.length > 1) return `${listed}: ${least} to ${most} tables, depending on their schemas`;
  return `${listed}: ${most} tables, if ${databases.length === 1 ? 'it has' : 'all have'} this schema`;
}
