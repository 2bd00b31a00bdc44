import { quoteText } from '../edn/fault.ts';
import type { IssueLog } from './issue-log.ts';
import { needsQuotes } from './sql-names.ts';

/** The engine's own catalog; PrestoSQL 350: "Catalog 'system' already exists". */
const RESERVED = 'system';

/** What the name of a catalog file says: it is the name of the catalog in SQL. */
export function checkCatalogName(name: string, log: IssueLog): void {
  const lower = name.toLowerCase();
  if (name !== lower) {
    const message = `the name of the catalog ${quoteText(name)} is not lower case: the engine would not start`;
    log.add(
      'CATALOG_NAME_NOT_LOWER_CASE',
      null,
      message,
      `rename the file to ${quoteText(lower)}.properties`,
    );
    return;
  }
  if (name === RESERVED) {
    const message = 'the engine has a catalog system itself, and would not start with a second one';
    log.add('CATALOG_NAME_RESERVED', null, message, 'rename the file');
    return;
  }
  if (!needsQuotes(name)) return;
  const better = name.replace(/[^a-z0-9_]+/g, '_');
  const hint = needsQuotes(better) ? 'choose another name' : `rename the file to ${better}.properties`;
  const message = `the catalog must be written "${quoteText(name)}" in SQL, with the quotes`;
  log.add('CATALOG_NAME_NEEDS_QUOTES', null, message, `${hint}, or live with it`);
}
