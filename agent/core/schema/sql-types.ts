import type { SqlColumn } from '../gate/tables.ts';

export interface SqlType {
  /** As `DESCRIBE` shows it; `unknown` where nobody can tell. */
  readonly name: string;
  /** True where nothing published tells it: it is then what the engine calls such values. */
  readonly isAssumed: boolean;
}

/** Metaschema Reference, Scale: "If not supplied it defaults to 2". */
const DEFAULT_SCALE = 2;
/** The largest that the engine has. */
const PRECISION = 38;

const known = (name: string): SqlType => ({ name, isAssumed: false });
const assumed = (name: string): SqlType => ({ name, isAssumed: true });

/**
 * Documented are strings (`varchar`), references and entity ids (integers, shown as `bigint`) and the scale of
 * decimals; published queries compare keywords with texts; and for a long, a boolean and a double the engine has one
 * type each. For all others the connector had a choice.
 */
const TYPES: Readonly<Record<string, SqlType>> = {
  ':db.type/string': known('varchar'),
  ':db.type/keyword': known('varchar'),
  ':db.type/ref': known('bigint'),
  ':db.type/long': known('bigint'),
  ':db.type/boolean': known('boolean'),
  ':db.type/double': known('double'),
  ':db.type/float': assumed('real'),
  ':db.type/instant': assumed('timestamp'),
  ':db.type/uuid': assumed('uuid'),
  ':db.type/symbol': assumed('varchar'),
  ':db.type/uri': assumed('varchar'),
  ':db.type/bytes': assumed('varbinary'),
  ':db.type/bigint': assumed(`decimal(${PRECISION},0)`),
};

/** The SQL type of a column. */
export function findSqlType({ attribute, valueType, scale }: SqlColumn): SqlType {
  if (attribute === null) return known('bigint');
  if (valueType === ':db.type/bigdec') return known(`decimal(${PRECISION},${scale ?? DEFAULT_SCALE})`);
  return TYPES[valueType ?? ''] ?? assumed('unknown');
}
