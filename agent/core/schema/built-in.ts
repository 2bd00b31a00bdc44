import type { AttributeFacts } from '../gate/tables.ts';

const ONE = {
  ':db.type/keyword': ':db/ident :db/tupleType :fressian/tag',
  ':db.type/ref':
    ':db/valueType :db/cardinality :db/unique :db/lang :db/excise :db.sys/reId :db.install/partition :db.install/valueType :db.install/function',
  ':db.type/string': ':db/doc :db/code',
  ':db.type/boolean': ':db/isComponent :db/index :db/fulltext :db/noHistory :db.sys/partiallyIndexed',
  ':db.type/instant': ':db/txInstant :db.excise/before',
  ':db.type/long': ':db.excise/beforeT',
  ':db.type/tuple': ':db/tupleTypes :db/tupleAttrs',
  ':db.type/fn': ':db/fn',
} as const;

const MANY = {
  ':db.type/ref': ':db.install/attribute :db.alter/attribute :db.excise/attrs',
  ':db.type/keyword': ':db.entity/attrs',
  ':db.type/symbol': ':db.entity/preds :db.attr/preds',
} as const;

function list(names: Readonly<Record<string, string>>, isMany: boolean): [string, AttributeFacts][] {
  return Object.entries(names).flatMap(([valueType, idents]) =>
    idents.split(' ').map((ident): [string, AttributeFacts] => [ident, { valueType, isMany }]),
  );
}

/** The attributes that Datomic itself puts into every database; no schema file names them. */
export const BUILT_IN: ReadonlyMap<string, AttributeFacts> = new Map([
  ...list(ONE, false),
  ...list(MANY, true),
]);
