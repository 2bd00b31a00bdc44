import type { DatomicAttribute, DatomicSchema } from './datomic-schema.ts';
import { CARDINALITY_MANY, VALUE_TYPES } from './value-types.ts';

/** The columns of `db__attrs` that tell what an attribute is. */
export interface AttributeColumns {
  readonly ident: string;
  readonly valueType: string | null;
  readonly cardinality: string | null;
}

/**
 * By their names, since the documentation says only that the table has "information about schema": the connector
 * names columns after attributes, so `:db/valueType` is `valuetype`, and `valuetype__ident` where it is joined. The
 * first that is there counts.
 */
const NAMES = {
  ident: ['ident', 'db__ident', 'attribute', 'attr'],
  valueType: ['valuetype__ident', 'valuetype', 'value_type__ident', 'value_type', 'type'],
  cardinality: ['cardinality__ident', 'cardinality'],
} as const;

/** Null when no column names the attributes. */
export function chooseColumns(columns: readonly string[]): AttributeColumns | null {
  const find = (names: readonly string[]) => names.find((name) => columns.includes(name)) ?? null;
  const ident = find(NAMES.ident);
  return ident === null
    ? null
    : { ident, valueType: find(NAMES.valueType), cardinality: find(NAMES.cardinality) };
}

/**
 * A schema from the rows `[ident, value type, cardinality]` of `db__attrs`. Keywords may come with or without their
 * colon, references as the ids of `idents`. Null when no row is about an attribute.
 */
export function readAttributeRows(
  path: string,
  rows: readonly (readonly unknown[])[],
  idents: ReadonlyMap<string, string>,
): DatomicSchema | null {
  const attributes = new Map<string, DatomicAttribute>();
  for (const [named, typed, counted] of rows) {
    const ident = readKeyword(named, idents);
    if (ident === null || !ident.includes('/')) continue;
    const type = readKeyword(typed, idents);
    const valueType = VALUE_TYPES.find((known) => known === type || known === `:db.type/${type?.slice(1)}`);
    const cardinality = readKeyword(counted, idents);
    const isMany = cardinality === CARDINALITY_MANY || cardinality === ':many';
    attributes.set(ident, { ident, valueType: valueType ?? null, isMany, definedAt: null });
  }
  return attributes.size === 0 ? null : { path, attributes };
}

function readKeyword(value: unknown, idents: ReadonlyMap<string, string>): string | null {
  if (typeof value === 'number') return idents.get(String(value)) ?? null;
  if (typeof value !== 'string' || value === '') return null;
  return value.startsWith(':') ? value : `:${value}`;
}
