import type { DatomicSchema } from '../schema/datomic-schema.ts';
import { findMissing, knowSchema } from '../schema/metaschemas.ts';
import { nearestAttribute } from '../schema/nearest-attribute.ts';
import type { DatabaseLook } from './effect.ts';
import { keyOf } from './effect.ts';
import type { ExpectedMetaschema, ListedDatabase } from './expected.ts';

/** What `db__attrs` of a database told, or why it could not be read. */
export type SchemaLook =
  | { readonly kind: 'schema'; readonly schema: DatomicSchema }
  | { readonly kind: 'failed'; readonly reason: string };

const SHOWN = 3;

/**
 * Why no database shows the tables of a metaschema: one sentence. A metaschema applies only to a database that has
 * all its membership attributes, so the database that lacks the fewest is the one that was probably meant.
 */
export function likelyReason(options: {
  readonly expected: ExpectedMetaschema;
  readonly databases: readonly ListedDatabase[];
  readonly looks: ReadonlyMap<string, DatabaseLook>;
  readonly schemas: ReadonlyMap<string, SchemaLook>;
}): string {
  const { expected, databases, looks, schemas } = options;
  const absent = databases.filter((database) => looks.get(keyOf(database))?.kind === 'absent').map(keyOf);
  if (databases.length > 0 && absent.length === databases.length) {
    return `the engine does not show ${absent.slice(0, SHOWN).join(', ')}: is there such a database?`;
  }
  const known = databases.flatMap((database) => {
    const look = schemas.get(keyOf(database));
    if (look?.kind !== 'schema') return [];
    const schema = knowSchema(look.schema);
    return [{ name: keyOf(database), schema, missing: findMissing(expected.metaschema, schema) }];
  });
  const [nearest] = known.toSorted((a, b) => a.missing.length - b.missing.length);
  if (nearest === undefined) return unread(databases, schemas);
  const { name, schema, missing } = nearest;
  if (missing.length === 0) {
    return `${name} has all its membership attributes, so the connector has not read it: its log may say why (gatewayctl logs)`;
  }
  const named = missing.slice(0, SHOWN).map((attribute) => {
    const near = nearestAttribute(attribute, schema.attributes);
    return near === null ? attribute.text : `${attribute.text} (did you mean ${near}?)`;
  });
  const rest = missing.length - named.length;
  return `${name} lacks ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Without a schema to compare with: what a person can run. */
function unread(databases: readonly ListedDatabase[], schemas: ReadonlyMap<string, SchemaLook>): string {
  const [first] = databases;
  const look = first === undefined ? undefined : schemas.get(keyOf(first));
  const why = look?.kind === 'failed' ? `, and its schema could not be read (${look.reason})` : '';
  const database = first === undefined ? 'CATALOG.DATABASE' : keyOf(first);
  return `a database lacks one of its membership attributes, or is none that it was written for${why}: gatewayctl explain DIR --from-gateway ${database} says which`;
}
