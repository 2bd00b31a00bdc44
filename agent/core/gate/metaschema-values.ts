import { quoteText } from '../edn/fault.ts';
import type { EdnMap, EdnName, EdnNode } from '../edn/node.ts';
import type { IssueLog } from './issue-log.ts';
import type { SqlName } from './metaschema-model.ts';

const SQL_NAME = /^[A-Za-z0-9_]+$/;
/** Control and format characters, no-break spaces, separators, and what Unicode leaves open or to private use. */
const INVISIBLE = /[\p{C}\p{Z}]/u;

const ARTICLES: Readonly<Record<string, string>> = {
  integer: 'an integer',
  instant: 'an instant',
  nil: 'nil',
};

/** What a form is called in a message: names and numbers by themselves, the rest by kind. */
export function describeNode(node: EdnNode): string {
  if (node.kind === 'keyword' || node.kind === 'symbol') return quoteText(node.text);
  if (node.kind === 'string') return `the string "${quoteText(node.value)}"`;
  if (node.kind === 'boolean') return String(node.value);
  return nameKind(node);
}

/** As `describeNode`, for what can be a secret. */
export function nameKind({ kind }: EdnNode): string {
  return ARTICLES[kind] ?? `a ${kind}`;
}

export interface AttributeRole {
  /** What it is for, in messages. */
  readonly name: string;
  /** Keys that are sometimes written here by mistake: a brace is missing before them. */
  readonly options?: readonly string[];
  /** The membership attribute of the table that it belongs to. */
  readonly table?: EdnName | null;
  readonly isWildcardAllowed?: boolean;
}

/** The name of an attribute, or null and a finding. Wildcards only where they are allowed. */
export function readAttribute(node: EdnNode, role: AttributeRole, log: IssueLog): EdnName | null {
  if (node.kind === 'broken') return null;
  if (node.kind !== 'keyword') {
    const message = `${role.name} is a keyword; this is ${describeNode(node)}`;
    log.add('METASCHEMA_NOT_AN_ATTRIBUTE', node, message, hintKeyword(node));
    return null;
  }
  const shown = () => quoteText(node.text);
  if (INVISIBLE.test(node.text)) {
    const message = `${shown()} has a character that nobody sees`;
    log.add('METASCHEMA_INVISIBLE_CHARACTER', node, message, 'type the name anew');
    return null;
  }
  if (node.namespace === null) {
    const message = `${shown()} has no namespace: Datomic would ignore it`;
    log.add('METASCHEMA_UNNAMESPACED_ATTRIBUTE', node, message, hintNamespace(node, role));
    return null;
  }
  if (node.name === '*' && role.isWildcardAllowed !== true) {
    const message = `${shown()} stands for all attributes of a namespace; ${role.name} is one`;
    log.add('METASCHEMA_MISPLACED_WILDCARD', node, message, 'name the attributes one by one');
    return null;
  }
  return node;
}

function hintKeyword(node: EdnNode): string {
  const written = node.kind === 'symbol' ? node.text : node.kind === 'string' ? node.value : '';
  const isNear = /^[\w.+*!?<>=-]+\/[\w.+*!?<>=-]+$/.test(written);
  return isNear ? `write :${quoteText(written)}` : 'write :namespace/name';
}

function hintNamespace({ text, name }: EdnName, { options, table }: AttributeRole): string {
  if (options?.includes(text) === true) return `${text} is an option: write it into the map of a table`;
  const namespace = table?.namespace ?? null;
  return namespace === null
    ? 'write :namespace/name'
    : `did you mean :${quoteText(`${namespace}/${name}`)} ?`;
}

/** A SQL name, a string or a symbol; or null and a finding. */
export function readSqlName(node: EdnNode, what: string, log: IssueLog): SqlName | null {
  if (node.kind === 'broken') return null;
  if (node.kind !== 'string' && node.kind !== 'symbol') {
    const message = `${what} is a string or a symbol; this is ${describeNode(node)}`;
    const isNamed = node.kind === 'keyword' && SQL_NAME.test(node.name);
    log.add('METASCHEMA_WRONG_TYPE', node, message, isNamed ? `write "${node.name}"` : 'write it as "name"');
    return null;
  }
  const text = node.kind === 'string' ? node.value : node.text;
  if (SQL_NAME.test(text)) {
    const { start, end, line, column } = node;
    return { start, end, line, column, text };
  }
  const message =
    text === '' ? `${what} is empty` : `${what} has letters, digits and _; "${quoteText(text)}" has others`;
  const better = text
    .replace(/\p{C}/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const hint = /[A-Za-z0-9]/.test(better) && better.length <= 60 ? `write "${better}"` : 'write another name';
  log.add('METASCHEMA_BAD_SQL_NAME', node, message, hint);
  return null;
}

/** The entries of a map, or none and a finding. */
export function readEntries(
  node: EdnNode,
  what: { readonly name: string; readonly example: string },
  log: IssueLog,
): EdnMap['entries'] {
  if (node.kind === 'map') return node.entries;
  if (node.kind !== 'broken') {
    const message = `${what.name} is a map; this is ${describeNode(node)}`;
    log.add('METASCHEMA_WRONG_TYPE', node, message, `write ${what.example}`);
  }
  return [];
}
