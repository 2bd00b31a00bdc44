import type { EdnMap, EdnNode } from '../edn/node.ts';
import type { IssueLog } from './issue-log.ts';
import { type JoinEntry, type Metaschema, OPTION_KEYS, type TableEntry } from './metaschema-model.ts';
import { readOptions } from './metaschema-options.ts';
import { describeNode, readAttribute, readEntries, readSqlName } from './metaschema-values.ts';
import { didYouMean, suggest } from './suggest.ts';

const KEYS = [':tables', ':joins'];

/**
 * Takes a form for a metaschema by the documented grammar (docs.datomic.com, Metaschema Reference). Each departure
 * goes to the log; null when it is no map at all. `:joins` may be missing: "nothing else is required", the overview
 * says of `:tables`.
 */
export function readMetaschema(form: EdnNode, log: IssueLog): Metaschema | null {
  if (form.kind !== 'map') {
    if (form.kind !== 'broken') {
      const message = `a metaschema is a map; this is ${describeNode(form)}`;
      log.add('METASCHEMA_NOT_A_MAP', form, message, 'write {:tables {…} :joins {…}}');
    }
    return null;
  }
  const found = new Map<string, EdnNode>();
  for (const { key, value } of form.entries) {
    if (key.kind === 'keyword' && KEYS.includes(key.text)) found.set(key.text, value);
    else if (key.kind !== 'broken') log.add('METASCHEMA_UNKNOWN_KEY', key, ...describeKey(key));
  }
  const tables = found.get(':tables');
  if (tables === undefined) missTables(form, log);
  const joins = found.get(':joins');
  return {
    tables: tables === undefined ? [] : readTables(tables, log),
    joins: joins === undefined ? [] : readJoins(joins, log),
  };
}

function describeKey(key: EdnNode): [message: string, hint: string] {
  const shown = describeNode(key);
  if (key.kind !== 'keyword') return [`${shown} is no key of a metaschema`, 'there are :tables and :joins'];
  const isOption = OPTION_KEYS.some((known) => known === key.text);
  const hint = isOption
    ? `${key.text} belongs into the map of a table; a brace may close too early before it`
    : didYouMean(suggest(key.text, KEYS), 'there are :tables and :joins');
  return [`${shown} is no key of a metaschema`, hint];
}

/** A misspelt `:tables` is one finding, not two. */
function missTables(form: EdnMap, log: IssueLog): void {
  const isMisspelt = form.entries.some(
    ({ key }) => key.kind === 'broken' || (key.kind === 'keyword' && suggest(key.text, KEYS) === ':tables'),
  );
  if (isMisspelt) return;
  log.add('METASCHEMA_NO_TABLES', form, 'this metaschema has no :tables', 'write {:tables {…} :joins {…}}');
}

function readTables(node: EdnNode, log: IssueLog): readonly TableEntry[] {
  const entries = readEntries(node, { name: ':tables', example: '{:namespace/attribute {…}}' }, log);
  if (node.kind === 'map' && entries.length === 0) {
    const hint = 'name a membership attribute, or remove the file';
    log.add('METASCHEMA_EMPTY', node, 'there is no table in :tables', hint);
  }
  const tables: TableEntry[] = [];
  for (const { key, value } of entries) {
    if (log.isFull()) break;
    const attribute = readAttribute(key, { name: 'a membership attribute', options: OPTION_KEYS }, log);
    const options = readOptions(value, attribute, log);
    if (attribute !== null) tables.push({ attribute, options });
  }
  return tables;
}

function readJoins(node: EdnNode, log: IssueLog): readonly JoinEntry[] {
  const joins: JoinEntry[] = [];
  for (const { key, value } of readEntries(
    node,
    { name: ':joins', example: '{:order/buyer "customer"}' },
    log,
  )) {
    if (log.isFull()) break;
    const attribute = readAttribute(key, { name: 'a joined attribute' }, log);
    const target = readSqlName(value, 'the joined table', log);
    if (attribute !== null && target !== null) joins.push({ attribute, target });
  }
  return joins;
}
