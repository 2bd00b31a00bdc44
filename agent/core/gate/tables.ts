/**
 * The SQL tables that a metaschema makes, computed once for the gate and for `explain`. Facts: Metaschema Reference
 * and Analytics Concepts on docs.datomic.com.
 */
import type { EdnSpan } from '../edn/node.ts';
import type { Metaschema, TableEntry } from './metaschema-model.ts';
import { foldName } from './sql-names.ts';

/** What the gate must know of an attribute of a Datomic schema. */
export interface AttributeFacts {
  readonly isMany: boolean;
  /** Such as `:db.type/string`; null when it is not known. */
  readonly valueType: string | null;
}

/** By attribute, such as `:artist/gid`, in the order of the schema. */
export type KnownAttributes = ReadonlyMap<string, AttributeFacts>;

export interface SqlColumn {
  readonly name: string;
  /** The attribute whose values it shows; null for the entity id. Of a joined column: that of the other table. */
  readonly attribute: string | null;
  /** The reference over which the column came; null for the table's own. */
  readonly through: string | null;
  /** Null when it is not known, and for the entity id. */
  readonly valueType: string | null;
  /** Of `:scale`: digits behind the point; null where it says nothing. */
  readonly scale: number | null;
}

export interface SqlTable {
  /** As SQL shows it. */
  readonly name: string;
  /** `entity`: a row per entity; `many`: one per value of a cardinality-many attribute; `automatic`: always there. */
  readonly kind: 'entity' | 'many' | 'automatic';
  /** Null for the automatic ones. */
  readonly membership: string | null;
  /** The cardinality-many attribute of a `many` table. */
  readonly attribute: string | null;
  readonly columns: readonly SqlColumn[];
  /** False without a schema: the columns of whole namespaces are not known then. */
  readonly hasAllColumns: boolean;
  /** What in the metaschema gives it its name; null for the automatic ones. */
  readonly namedAt: EdnSpan | null;
}

const AUTOMATIC = ['db__attrs', 'db__idents'];
export const ENTITY_ID = 'db__id';

/** An entry with what is looked up in it again and again. */
interface Prepared {
  readonly entry: TableEntry;
  /** Known attributes of the table, excluded ones left out. */
  readonly attributes: readonly string[];
  readonly isMany: (attribute: string) => boolean;
  readonly columnOf: (attribute: string) => SqlColumn;
}

/**
 * All tables, in the order of the metaschema, the automatic ones last. Without a schema those that the text alone
 * tells: of cardinality-many attributes only the tables that `:rename-many-table` names, and no joined columns.
 */
export function computeTables(metaschema: Metaschema, schema: KnownAttributes | null): readonly SqlTable[] {
  const byNamespace = groupByNamespace(schema);
  const made = metaschema.tables.map((entry) => {
    const prepared = prepare(entry, schema, byNamespace);
    return { prepared, entity: describeEntity(prepared, schema !== null) };
  });
  const byName = new Map(made.map(({ entity }) => [entity.name, entity]));
  const joins = schema === null ? [] : metaschema.joins;
  const targets = new Map(
    joins.map(({ attribute, target }) => [attribute.text, byName.get(foldName(target.text))]),
  );
  const widen = (column: SqlColumn): readonly SqlColumn[] => {
    const target = column.attribute === null ? undefined : targets.get(column.attribute);
    return target === undefined ? [column] : [column, ...joinColumns(column, target)];
  };
  const tables = made.flatMap(({ prepared, entity }) => {
    const wide = { ...entity, columns: entity.columns.flatMap(widen) };
    return [wide, ...describeMany(prepared, wide, schema !== null, widen)];
  });
  return [...tables, ...AUTOMATIC.map(describeAutomatic)];
}

function groupByNamespace(schema: KnownAttributes | null): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const attribute of schema?.keys() ?? []) {
    const namespace = namespaceOf(attribute);
    const members = groups.get(namespace);
    if (members === undefined) groups.set(namespace, [attribute]);
    else members.push(attribute);
  }
  return groups;
}

/** `:artist/gid` → `artist`. */
const namespaceOf = (attribute: string) => attribute.slice(1, attribute.indexOf('/'));
const nameOf = (attribute: string) => attribute.slice(attribute.indexOf('/') + 1);

function prepare(
  entry: TableEntry,
  schema: KnownAttributes | null,
  byNamespace: ReadonlyMap<string, readonly string[]>,
): Prepared {
  const { attribute, options } = entry;
  const namespaces = new Set([attribute, ...options.wildcards].map((name) => name.namespace ?? ''));
  const named = [attribute, ...options.include].map(({ text }) => text);
  const known = [...namespaces].flatMap((namespace) => byNamespace.get(namespace) ?? []);
  const excluded = new Set(options.exclude.map(({ text }) => text));
  const many = new Set(options.renameManyTable.map((renaming) => renaming.attribute.text));
  const names = new Map(options.rename.map((renaming) => [renaming.attribute.text, renaming.to.text]));
  const scales = new Map(options.scale.map((scaling) => [scaling.attribute.text, scaling.digits]));
  return {
    entry,
    attributes: [...new Set([...known, ...named])].filter((name) => !excluded.has(name)),
    isMany: (name) => schema?.get(name)?.isMany ?? many.has(name),
    columnOf: (name) => ({
      name: foldName(names.get(name) ?? nameOf(name)),
      attribute: name,
      through: null,
      valueType: schema?.get(name)?.valueType ?? null,
      scale: scales.get(name) ?? null,
    }),
  };
}

function describeEntity({ entry, attributes, isMany, columnOf }: Prepared, hasAllColumns: boolean): SqlTable {
  const { attribute, options } = entry;
  const id = { name: ENTITY_ID, attribute: null, through: null, valueType: null, scale: null };
  return {
    name: foldName(options.name?.text ?? attribute.namespace ?? ''),
    kind: 'entity',
    membership: attribute.text,
    attribute: null,
    columns: [id, ...attributes.filter((name) => !isMany(name)).map(columnOf)],
    hasAllColumns,
    namedAt: options.name ?? attribute,
  };
}

/** The columns that a reference brings from the table it joins; that table's own joins are not followed. */
function joinColumns(column: SqlColumn, target: SqlTable): readonly SqlColumn[] {
  return target.columns
    .filter(({ name }) => name !== ENTITY_ID)
    .map((joined) => ({ ...joined, name: `${column.name}__${joined.name}`, through: column.attribute }));
}

/** A table for each cardinality-many attribute: all columns of the base table, and those of the attribute. */
function describeMany(
  { entry, attributes, isMany, columnOf }: Prepared,
  base: SqlTable,
  hasSchema: boolean,
  widen: (column: SqlColumn) => readonly SqlColumn[],
): readonly SqlTable[] {
  const { attribute: membership, options } = entry;
  const renamed = new Map(options.renameManyTable.map((renaming) => [renaming.attribute.text, renaming.to]));
  const many = hasSchema ? attributes.filter(isMany) : [...renamed.keys()];
  return many.map((attribute) => ({
    ...base,
    name: foldName(renamed.get(attribute)?.text ?? `${membership.namespace ?? ''}_x_${nameOf(attribute)}`),
    kind: 'many',
    attribute,
    columns: [...base.columns, ...widen(columnOf(attribute))],
    namedAt: renamed.get(attribute) ?? membership,
  }));
}

const describeAutomatic = (name: string): SqlTable => ({
  name,
  kind: 'automatic',
  membership: null,
  attribute: null,
  columns: [],
  hasAllColumns: false,
  namedAt: null,
});
