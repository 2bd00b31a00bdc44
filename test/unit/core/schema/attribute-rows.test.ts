import { describe, expect, it } from 'vitest';
import { chooseColumns, readAttributeRows } from '../../../../agent/core/schema/attribute-rows.ts';

describe('the columns of db__attrs are found by name', () => {
  it.each([
    [
      ['db__id', 'ident', 'valuetype', 'cardinality', 'doc'],
      ['ident', 'valuetype', 'cardinality'],
    ],
    [
      ['ident', 'valuetype', 'valuetype__ident', 'cardinality', 'cardinality__ident'],
      ['ident', 'valuetype__ident', 'cardinality__ident'],
    ],
    [
      ['db__ident', 'type'],
      ['db__ident', 'type', null],
    ],
    [['db__id', 'name'], null],
    [[], null],
  ])('%j → %j', (columns, expected) => {
    const chosen = chooseColumns(columns);
    expect(chosen === null ? null : [chosen.ident, chosen.valueType, chosen.cardinality]).toEqual(expected);
  });
});

describe('a schema is read from rows', () => {
  const IDENTS = new Map([
    ['20', ':db.type/ref'],
    ['36', ':db.cardinality/many'],
  ]);

  it.each<[string, unknown[], string | null]>([
    ['keywords as texts', [':a/b', ':db.type/long', ':db.cardinality/many'], ':a/b :db.type/long many'],
    ['keywords without a colon', ['a/b', 'db.type/long', 'db.cardinality/one'], ':a/b :db.type/long'],
    ['short names', [':a/b', 'string', 'many'], ':a/b :db.type/string many'],
    ['references as ids', [':a/b', 20, 36], ':a/b :db.type/ref many'],
    ['ids that nobody knows', [':a/b', 99, 98], ':a/b null'],
    ['nothing but names', [':a/b', null, null], ':a/b null'],
    ['an ident without namespace', [':a', ':db.type/long', ':db.cardinality/one'], null],
    ['something else', [{}, [], true], null],
  ])('%s', (_title, row, expected) => {
    const schema = readAttributeRows('shop.orders', [row], IDENTS);
    const [found] = schema?.attributes.values() ?? [];
    const shown =
      found === undefined ? null : `${found.ident} ${found.valueType}${found.isMany ? ' many' : ''}`;
    expect(shown).toBe(expected);
  });
});
