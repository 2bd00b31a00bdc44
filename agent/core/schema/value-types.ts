/** Value types of Datomic (docs.datomic.com, Schema Data Reference). */
export const VALUE_TYPES = [
  ':db.type/bigdec',
  ':db.type/bigint',
  ':db.type/boolean',
  ':db.type/bytes',
  ':db.type/double',
  ':db.type/float',
  ':db.type/fn',
  ':db.type/instant',
  ':db.type/keyword',
  ':db.type/long',
  ':db.type/ref',
  ':db.type/string',
  ':db.type/symbol',
  ':db.type/tuple',
  ':db.type/uri',
  ':db.type/uuid',
] as const;

export const REF = ':db.type/ref';
export const BIGDEC = ':db.type/bigdec';

export const CARDINALITY_ONE = ':db.cardinality/one';
export const CARDINALITY_MANY = ':db.cardinality/many';
