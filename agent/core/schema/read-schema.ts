import { quoteText } from '../edn/fault.ts';
import type { EdnNode } from '../edn/node.ts';
import { lookUp } from '../edn/node.ts';
import { readEdn } from '../edn/read.ts';
import { createIssueLog, type IssueLog } from '../gate/issue-log.ts';
import { decodeMetaschema } from '../gate/metaschema-text.ts';
import { describeNode } from '../gate/metaschema-values.ts';
import { didYouMean, suggest } from '../gate/suggest.ts';
import type { Issue } from '../issue.ts';
import type { SourceFile } from '../types.ts';
import { type Assertions, collectAssertions } from './assertions.ts';
import type { DatomicAttribute, DatomicSchema } from './datomic-schema.ts';
import { CARDINALITY_MANY, CARDINALITY_ONE, VALUE_TYPES } from './value-types.ts';

export interface SchemaReading {
  /** Null when the text cannot be understood: then nothing should be checked against it. */
  readonly schema: DatomicSchema | null;
  /** What is wrong with the files themselves. */
  readonly issues: readonly Issue[];
}

/**
 * Reads a Datomic schema from EDN: one schema, in one or more files, which are taken in the given order. `path` is
 * what people call it. Everything in the files that is no schema (enumerations, functions, other data) is left
 * aside. Later assertions change earlier ones, as transactions do.
 */
export function readSchema(path: string, files: readonly SourceFile[]): SchemaReading {
  const attributes = new Map<string, DatomicAttribute>();
  const issues: Issue[] = [];
  let isReadable = true;
  for (const file of files) {
    const log = createIssueLog(file.path, 'SCHEMA_TOO_MANY_FINDINGS');
    const forms = readForms(file, log);
    if (forms === null) isReadable = false;
    for (const said of collectAssertions(forms ?? [])) {
      if (log.isFull()) break;
      takeIn(said, attributes, file.path, log);
    }
    issues.push(...log.issues());
  }
  if (isReadable && attributes.size === 0) issues.push(...missAttributes(files[0]?.path ?? path));
  return { schema: isReadable && attributes.size > 0 ? { path, attributes } : null, issues };
}

function missAttributes(path: string): readonly Issue[] {
  const log = createIssueLog(path, 'SCHEMA_TOO_MANY_FINDINGS');
  const hint = 'name a file with Datomic transactions: [{:db/ident … :db/valueType … :db/cardinality …}]';
  log.add('SCHEMA_NO_ATTRIBUTES', null, 'there is no attribute definition in this schema', hint);
  return log.issues();
}

function readForms({ bytes }: SourceFile, log: IssueLog): readonly EdnNode[] | null {
  const text = decodeMetaschema(bytes, log);
  if (text === null) return null;
  const { forms, faults, isBalanced } = readEdn(text, { forms: 'all', unknownTags: 'keep' });
  for (const { code, line, column, message, hint } of faults) log.add(code, { line, column }, message, hint);
  return isBalanced ? forms : null;
}

function takeIn(
  said: Assertions,
  attributes: Map<string, DatomicAttribute>,
  path: string,
  log: IssueLog,
): void {
  const ident = said.ident ?? said.addressed;
  const isDefinition = said.valueType !== null || said.cardinality !== null;
  if (ident === null) {
    const message = 'this has a type or a cardinality, but no :db/ident';
    log.add('SCHEMA_INCOMPLETE_ATTRIBUTE', said.at, message, 'add its :db/ident');
    return;
  }
  const old = said.addressed === null ? ident.text : said.addressed.text;
  const before = attributes.get(old) ?? attributes.get(ident.text);
  // An ident without more is an enumeration, a partition, a function or a migration's name.
  if (before === undefined && !isDefinition) return;

  const valueType = readType(said.valueType, log);
  if (before?.valueType != null && valueType !== null && before.valueType !== valueType) {
    const message = `${quoteText(ident.text)} has the type ${before.valueType} already`;
    const { definedAt } = before;
    const place = definedAt === null ? '' : `: ${definedAt.path}:${definedAt.line}:${definedAt.column}`;
    log.add(
      'SCHEMA_TYPE_CONFLICT',
      said.valueType,
      message + place,
      'Datomic refuses this; keep one of them',
    );
    return;
  }
  if (before === undefined) missParts(said, ident.text, log);
  const isMany = readCardinality(said.cardinality, log);
  if (old !== ident.text) attributes.delete(old);
  attributes.set(ident.text, {
    ident: ident.text,
    valueType: valueType ?? before?.valueType ?? null,
    isMany: isMany ?? before?.isMany ?? false,
    definedAt: before?.definedAt ?? { path, line: ident.line, column: ident.column },
  });
}

function missParts(said: Assertions, ident: string, log: IssueLog): void {
  const missing = [
    ...(said.valueType === null ? [':db/valueType'] : []),
    ...(said.cardinality === null ? [':db/cardinality'] : []),
  ];
  if (missing.length === 0) return;
  const message = `${quoteText(ident)} has no ${missing.join(' and no ')} in this schema`;
  const hint = 'complete it; or name a directory that also holds the file which defines the attribute';
  log.add('SCHEMA_INCOMPLETE_ATTRIBUTE', said.ident ?? said.at, message, hint);
}

/** A keyword, also inside of the map that `pull` prints for it. */
function readKeyword(node: EdnNode): string | null {
  const inner = node.kind === 'map' ? lookUp(node, ':db/ident') : node;
  return inner?.kind === 'keyword' ? inner.text : null;
}

function readType(node: EdnNode | null, log: IssueLog): string | null {
  if (node === null || node.kind === 'broken') return null;
  const text = readKeyword(node);
  if (text !== null && VALUE_TYPES.some((known) => known === text)) return text;
  const near =
    text === null ? null : suggest(`:db.type/${text.slice(text.lastIndexOf('/') + 1)}`, VALUE_TYPES);
  const message = `${describeNode(node)} is no type of Datomic`;
  log.add('SCHEMA_BAD_TYPE', node, message, didYouMean(near, 'write a type such as :db.type/string'));
  return null;
}

/** True for many; null when nothing is said. */
function readCardinality(node: EdnNode | null, log: IssueLog): boolean | null {
  if (node === null || node.kind === 'broken') return null;
  const text = readKeyword(node);
  if (text === CARDINALITY_ONE || text === CARDINALITY_MANY) return text === CARDINALITY_MANY;
  const hint = `write ${CARDINALITY_ONE} or ${CARDINALITY_MANY}`;
  log.add('SCHEMA_BAD_CARDINALITY', node, `${describeNode(node)} is no cardinality`, hint);
  return null;
}
