import { quoteText } from '../edn/fault.ts';
import type { EdnName, EdnSpan } from '../edn/node.ts';
import type { IssueLog } from './issue-log.ts';
import type { JoinEntry, Metaschema, TableEntry } from './metaschema-model.ts';
import { foldName } from './sql-names.ts';
import { didYouMean, suggest } from './suggest.ts';
import { computeTables, ENTITY_ID, type SqlTable } from './tables.ts';

/** The rules that need more than one place of a metaschema: collisions, joins, attributes without effect. */
export function checkMetaschema(metaschema: Metaschema, log: IssueLog): void {
  const tables = computeTables(metaschema, null);
  findTableCollisions(tables, log);
  for (const entry of metaschema.tables) {
    findColumnCollisions(entry, log);
    findUnused(entry, log);
  }
  checkJoins(metaschema, tables, log);
}

const at = ({ line, column }: EdnSpan) => `${line}:${column}`;

function findTableCollisions(tables: readonly SqlTable[], log: IssueLog): void {
  const seen = new Map<string, SqlTable>();
  for (const table of tables) if (table.namedAt === null) seen.set(table.name, table);
  for (const table of tables) {
    if (table.namedAt === null) continue;
    const first = seen.get(table.name);
    if (first === undefined) {
      seen.set(table.name, table);
      continue;
    }
    const message =
      first.namedAt === null
        ? `the table ${table.name} is in every database already`
        : `the table ${table.name} is made twice, first by ${quoteText(describeMaker(first))} at ${at(first.namedAt)}`;
    log.add('METASCHEMA_TABLE_COLLISION', table.namedAt, message, hintCollision(table, first));
  }
}

const describeMaker = ({ membership, attribute }: SqlTable) => attribute ?? membership ?? '';

function hintCollision(table: SqlTable, first: SqlTable): string {
  const isDefault = table.kind === 'entity' && table.namedAt !== null && first.kind === 'entity';
  return isDefault
    ? 'give one of the two another :name, or keep one membership attribute for the namespace'
    : 'choose another name';
}

/** Only what is sure without a schema: new names among themselves, and with the membership attribute's column. */
function findColumnCollisions({ attribute, options }: TableEntry, log: IssueLog): void {
  if (options.rename.length === 0) return;
  const seen = new Map<string, string>([[ENTITY_ID, 'the entity id']]);
  const isIn = (names: readonly EdnName[]) => names.some(({ text }) => text === attribute.text);
  if (!isIn(options.exclude) && !isIn(options.rename.map((renaming) => renaming.attribute))) {
    seen.set(foldName(attribute.name), `${quoteText(attribute.text)} at ${at(attribute)}`);
  }
  for (const { attribute: renamed, to } of options.rename) {
    const name = foldName(to.text);
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, `${quoteText(renamed.text)} at ${at(renamed)}`);
      continue;
    }
    const message = `the column ${name} is there already: ${first}`;
    log.add('METASCHEMA_COLUMN_COLLISION', to, message, 'choose another name');
  }
}

function findUnused({ attribute, options }: TableEntry, log: IssueLog): void {
  const namespaces = new Set([attribute.namespace, ...options.wildcards.map(({ namespace }) => namespace)]);
  const included = new Set(options.include.map(({ text }) => text));
  const check = (option: string, named: EdnName) => {
    if (namespaces.has(named.namespace) || included.has(named.text)) return;
    const message = `${quoteText(named.text)} is not in this table: ${option} does nothing to it`;
    const hint = `correct it, or add it to :include; the table has the namespace ${quoteText(attribute.namespace ?? '')}`;
    log.add('METASCHEMA_UNUSED_ATTRIBUTE', named, message, hint);
  };
  for (const named of options.exclude) check(':exclude', named);
  for (const { attribute: named } of options.rename) check(':rename', named);
  for (const { attribute: named } of options.renameManyTable) check(':rename-many-table', named);
  for (const { attribute: named } of options.scale) check(':scale', named);
}

function checkJoins(
  { tables: entries, joins }: Metaschema,
  tables: readonly SqlTable[],
  log: IssueLog,
): void {
  const targets = tables.filter(({ kind }) => kind !== 'automatic').map(({ name }) => name);
  const known = new Set(targets);
  // Without a schema nobody knows which tables of cardinality-many attributes there are.
  const isPerhapsMany = (name: string) => {
    const cut = name.indexOf('_x_');
    return cut !== -1 && manyPrefixes.has(name.slice(0, cut));
  };
  const manyPrefixes = new Set(entries.map(({ attribute }) => foldName(attribute.namespace ?? '')));
  for (const { target } of joins) {
    const name = foldName(target.text);
    if (known.has(name) || isPerhapsMany(name)) continue;
    log.add('METASCHEMA_UNKNOWN_JOIN_TARGET', target, ...describeTarget(target, name, targets));
  }
}

function describeTarget(
  target: JoinEntry['target'],
  name: string,
  targets: readonly string[],
): [message: string, hint: string] {
  const message = `no entry of :tables makes a table ${quoteText(target.text)}`;
  const few = targets.length > 0 && targets.length <= 6 ? `there are ${targets.join(', ')}` : 'see :tables';
  return [message, didYouMean(suggest(name, targets), few)];
}
