import type { EdnName, EdnNode } from '../edn/node.ts';
import type { IssueLog } from './issue-log.ts';
import { OPTION_KEYS, type Renaming, type TableOptions } from './metaschema-model.ts';
import { describeNode, readAttribute, readEntries, readSqlName } from './metaschema-values.ts';
import { didYouMean, suggest } from './suggest.ts';

const KEYS: readonly string[] = OPTION_KEYS;
const ALL = `there are ${KEYS.join(' ')}`;
/** Digits that a SQL decimal can have. */
const MAX_SCALE = 38;

/** The options of the table of a membership attribute; what is not understood goes to the log and is left out. */
export function readOptions(node: EdnNode, table: EdnName | null, log: IssueLog): TableOptions {
  const found = new Map<string, EdnNode>();
  for (const { key, value } of readEntries(node, optionsRole(node), log)) {
    if (key.kind === 'keyword' && KEYS.includes(key.text)) found.set(key.text, value);
    else if (key.kind !== 'broken') log.add('METASCHEMA_UNKNOWN_OPTION', key, ...describeOption(key));
  }
  const read = <Value>(key: string, reader: (value: EdnNode) => Value, otherwise: Value): Value => {
    const value = found.get(key);
    return value === undefined || log.isFull() ? otherwise : reader(value);
  };
  const included = read(':include', (value) => readAttributes(value, ':include', table, log), []);
  return {
    name: read(':name', (value) => readSqlName(value, ':name', log), null),
    include: included.filter(({ name }) => name !== '*'),
    wildcards: included.filter(({ name }) => name === '*'),
    exclude: read(':exclude', (value) => readAttributes(value, ':exclude', table, log), []),
    rename: read(':rename', (value) => readRenamings(value, ':rename', table, log), []),
    renameManyTable: read(
      ':rename-many-table',
      (value) => readRenamings(value, ':rename-many-table', table, log),
      [],
    ),
    scale: read(':scale', (value) => readScale(value, table, log), []),
  };
}

/** A keyword here is most often the next attribute: the options of the one before were forgotten. */
const optionsRole = ({ kind }: EdnNode) => ({
  name: 'what follows an attribute in :tables',
  example: kind === 'keyword' ? '{} before it: options can be empty, but not missing' : '{}',
});

function describeOption(key: EdnNode): [message: string, hint: string] {
  const message = `${describeNode(key)} is no option of a table`;
  if (key.kind !== 'keyword') return [message, ALL];
  if (key.text === ':joins' || key.text === ':tables') {
    return [message, `${key.text} stands beside :tables; a closing brace is missing before it`];
  }
  if (key.namespace !== null && suggest(key.text, KEYS) === null) {
    return [
      message,
      'an attribute stands beside the others in :tables; a closing brace may be missing before it',
    ];
  }
  return [message, didYouMean(suggest(key.text, KEYS), ALL)];
}

function readAttributes(
  node: EdnNode,
  option: string,
  table: EdnName | null,
  log: IssueLog,
): readonly EdnName[] {
  if (node.kind !== 'vector') {
    if (node.kind !== 'broken') {
      const message = `${option} is a vector of attributes; this is ${describeNode(node)}`;
      log.add('METASCHEMA_WRONG_TYPE', node, message, `write ${option} [:namespace/name]`);
    }
    return [];
  }
  const role = { name: `a member of ${option}`, table, isWildcardAllowed: option === ':include' };
  return node.items.flatMap((item) => readAttribute(item, role, log) ?? []);
}

function readRenamings(
  node: EdnNode,
  option: string,
  table: EdnName | null,
  log: IssueLog,
): readonly Renaming[] {
  const example = `${option} {:namespace/name "name"}`;
  return readEntries(node, { name: option, example }, log).flatMap(({ key, value }) => {
    const attribute = readAttribute(key, { name: `a key of ${option}`, table }, log);
    const to = readSqlName(value, 'a new name', log);
    return attribute === null || to === null ? [] : [{ attribute, to }];
  });
}

function readScale(node: EdnNode, table: EdnName | null, log: IssueLog): TableOptions['scale'] {
  const example = ':scale {:namespace/name 2}';
  return readEntries(node, { name: ':scale', example }, log).flatMap(({ key, value }) => {
    const attribute = readAttribute(key, { name: 'a key of :scale', table }, log);
    const digits = readDigits(value, log);
    return attribute === null || digits === null ? [] : [{ attribute, digits }];
  });
}

function readDigits(node: EdnNode, log: IssueLog): number | null {
  if (node.kind === 'broken') return null;
  if (node.kind !== 'integer') {
    const message = `a scale is an integer; this is ${describeNode(node)}`;
    log.add('METASCHEMA_WRONG_TYPE', node, message, 'write the number of digits behind the point');
    return null;
  }
  const digits = Number(node.text);
  if (digits >= 0 && digits <= MAX_SCALE) return digits;
  const message = `a SQL decimal has 0 to ${MAX_SCALE} digits behind the point`;
  log.add('METASCHEMA_BAD_SCALE', node, message, 'write the number of digits that the data has');
  return null;
}
