import { quoteText } from '../edn/fault.ts';
import type { EdnName } from '../edn/node.ts';
import type { IssueLog } from '../gate/issue-log.ts';
import type { Metaschema } from '../gate/metaschema-model.ts';
import { didYouMean } from '../gate/suggest.ts';
import { findMissing, type KnownSchema } from './metaschemas.ts';
import { nearestAttribute } from './nearest-attribute.ts';

/**
 * Reports a metaschema that matches no schema. It is an error when it was surely meant for the nearest one: that
 * has at least half of its membership attributes, or all their namespaces, or is one that no other metaschema
 * matches. Else its own schema was probably not given. Gives the schema that it was meant for, or null.
 */
export function reportMissing(
  metaschema: Metaschema,
  schemas: readonly KnownSchema[],
  isFree: (schema: KnownSchema) => boolean,
  log: IssueLog,
): KnownSchema | null {
  const distances = schemas
    .map((schema) => ({ schema, missing: findMissing(metaschema, schema) }))
    .toSorted((a, b) => a.missing.length - b.missing.length);
  const [first] = distances;
  if (first === undefined) return null;
  const meant =
    distances.find(({ schema, missing }) => isSurelyMeant(metaschema, schema, missing)) ??
    distances.find(({ schema }) => isFree(schema));
  if (meant === undefined) {
    const names = schemas.map(({ path }) => path).join(', ');
    const message = `this metaschema matches none of ${names}: ${list(first.missing)} missing`;
    log.add(
      'SCHEMA_NO_MATCH',
      first.missing[0] ?? null,
      message,
      'give the schema that it was written for, too',
    );
    return null;
  }
  for (const attribute of meant.missing) {
    const near = nearestAttribute(attribute, meant.schema.attributes);
    const message = `${quoteText(attribute.text)} is not in ${meant.schema.path}: no table of this metaschema appears`;
    log.add('SCHEMA_MISSING_MEMBERSHIP', attribute, message, didYouMean(near, OTHERWISE));
  }
  return meant.schema;
}

const OTHERWISE = 'correct it, add it to the database, or move its table to a metaschema of its own';

function isSurelyMeant(
  { tables }: Metaschema,
  { attributes }: KnownSchema,
  missing: readonly EdnName[],
): boolean {
  if (missing.length * 2 <= tables.length) return true;
  const namespaces = new Set([...attributes.keys()].map((ident) => ident.slice(1, ident.indexOf('/'))));
  return missing.every(({ namespace }) => namespaces.has(namespace ?? ''));
}

const SHOWN = 2;

function list(missing: readonly EdnName[]): string {
  const shown = missing.slice(0, SHOWN).map(({ text }) => quoteText(text));
  const rest = missing.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} ${missing.length === 1 ? 'is' : 'are'}`;
}
