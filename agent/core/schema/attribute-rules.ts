import { quoteText } from '../edn/fault.ts';
import type { EdnName } from '../edn/node.ts';
import type { IssueCode } from '../gate/codes.ts';
import type { IssueLog } from '../gate/issue-log.ts';
import type { Metaschema } from '../gate/metaschema-model.ts';
import { foldName } from '../gate/sql-names.ts';
import { didYouMean, suggest } from '../gate/suggest.ts';
import { type AttributeFacts, computeTables } from '../gate/tables.ts';
import type { KnownSchema } from './metaschemas.ts';
import { nearestAttribute, nearestNamespace } from './nearest-attribute.ts';
import { BIGDEC, REF } from './value-types.ts';

/** Attributes in options and joins that the schema lacks, or that are of the wrong kind for where they stand. */
export function findAttributeFaults(metaschema: Metaschema, schema: KnownSchema, log: IssueLog): void {
  const { attributes, path } = schema;
  const find = (named: EdnName): AttributeFacts | null => {
    const facts = attributes.get(named.text);
    if (facts !== undefined) return facts;
    const near = nearestAttribute(named, attributes);
    const hint = didYouMean(near, 'correct it, or add it to the database');
    log.add('SCHEMA_UNKNOWN_ATTRIBUTE', named, `${quoteText(named.text)} is not in ${path}`, hint);
    return null;
  };
  const refuse = (code: IssueCode, named: EdnName, is: string, hint: string) =>
    log.add(code, named, `${quoteText(named.text)} ${is} in ${path}`, hint);

  for (const { attribute, options } of metaschema.tables) {
    if (log.isFull()) return;
    // Missing membership attributes are reported for the metaschema as a whole.
    const isOther = (named: EdnName) => named.text !== attribute.text;
    for (const named of [...options.include, ...options.exclude].filter(isOther)) find(named);
    for (const { attribute: named } of options.rename) if (isOther(named)) find(named);
    for (const { attribute: named, to } of options.renameManyTable) {
      if (find(named)?.isMany !== false) continue;
      const hint = `there is no such table; for the column write :rename {${quoteText(named.text)} "${to.text}"}`;
      refuse('SCHEMA_NOT_MANY', named, 'is of cardinality one', hint);
    }
    for (const { attribute: named } of options.scale) {
      const valueType = find(named)?.valueType ?? null;
      if (valueType === null || valueType === BIGDEC) continue;
      refuse(
        'SCHEMA_NOT_A_BIGDEC',
        named,
        `has the type ${valueType}`,
        'remove it: only :db.type/bigdec has a scale',
      );
    }
    for (const wildcard of options.wildcards) findEmpty(wildcard, schema, log);
  }
  for (const { attribute: named } of metaschema.joins) {
    if (log.isFull()) return;
    const valueType = find(named)?.valueType ?? null;
    if (valueType === null || valueType === REF) continue;
    refuse(
      'SCHEMA_NOT_A_REF',
      named,
      `has the type ${valueType}`,
      'remove it: only :db.type/ref leads to a table',
    );
  }
  findUnknownTargets(metaschema, schema, log);
}

function findEmpty(wildcard: EdnName, { attributes, path }: KnownSchema, log: IssueLog): void {
  const start = `:${wildcard.namespace}/`;
  if ([...attributes.keys()].some((attribute) => attribute.startsWith(start))) return;
  const hint = didYouMean(nearestNamespace(wildcard.namespace ?? '', attributes), 'correct it, or remove it');
  const message = `${path} has no attribute with the namespace ${quoteText(wildcard.namespace ?? '')}`;
  log.add('SCHEMA_UNKNOWN_ATTRIBUTE', wildcard, message, hint);
}

/** Only names of tables of cardinality-many attributes: those of all others the gate knows without a schema. */
function findUnknownTargets(metaschema: Metaschema, { attributes, path }: KnownSchema, log: IssueLog): void {
  if (!metaschema.joins.some(({ target }) => target.text.includes('_x_'))) return;
  const names = computeTables(metaschema, attributes).map(({ name }) => name);
  for (const { target } of metaschema.joins) {
    const name = foldName(target.text);
    if (!name.includes('_x_') || names.includes(name)) continue;
    const message = `with ${path} there is no table ${quoteText(target.text)}`;
    log.add('SCHEMA_UNKNOWN_JOIN_TARGET', target, message, didYouMean(suggest(name, names), 'see :tables'));
  }
}
