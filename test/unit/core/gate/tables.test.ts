import { describe, expect, it } from 'vitest';
import { readEdn } from '../../../../agent/core/edn/read.ts';
import { createIssueLog } from '../../../../agent/core/gate/issue-log.ts';
import { readMetaschema } from '../../../../agent/core/gate/metaschema.ts';
import { foldName, needsQuotes } from '../../../../agent/core/gate/sql-names.ts';
import { didYouMean, suggest } from '../../../../agent/core/gate/suggest.ts';
import { type AttributeFacts, computeTables } from '../../../../agent/core/gate/tables.ts';

const SCHEMA: ReadonlyMap<string, AttributeFacts> = new Map(
  (
    [
      [':order/id', ':db.type/uuid', false],
      [':order/total-net', ':db.type/bigdec', false],
      [':order/customer', ':db.type/ref', false],
      [':order/tags', ':db.type/string', true],
      [':order/lines', ':db.type/ref', true],
      [':audit/at', ':db.type/instant', false],
      [':audit/marks', ':db.type/keyword', true],
      [':customer/id', ':db.type/uuid', false],
      [':customer/name', ':db.type/string', false],
      [':customer/country', ':db.type/ref', false],
    ] as const
  ).map(([name, valueType, isMany]) => [name, { valueType, isMany }]),
);

/** `kind name: columns`, one line a table, without the automatic ones. */
function describeTables(text: string, schema: typeof SCHEMA | null): readonly string[] {
  const { form } = readEdn(text);
  const log = createIssueLog('datomic/x.edn', 'METASCHEMA_TOO_MANY_FINDINGS');
  const metaschema = form === null ? null : readMetaschema(form, log);
  expect(log.issues()).toEqual([]);
  if (metaschema === null) throw new Error('the text of this row is no metaschema');
  return computeTables(metaschema, schema)
    .filter(({ kind }) => kind !== 'automatic')
    .map(({ kind, name, columns }) => `${kind} ${name}: ${columns.map((column) => column.name).join(' ')}`);
}

describe('the tables of a metaschema, with the schema', () => {
  it.each([
    [
      'its namespace makes name and columns',
      '{:tables {:customer/id {}}}',
      ['entity customer: db__id id name country'],
    ],
    [
      'cardinality-many attributes make tables of their own, with all columns and one more',
      '{:tables {:order/id {}}}',
      [
        'entity order: db__id id total_net customer',
        'many order_x_tags: db__id id total_net customer tags',
        'many order_x_lines: db__id id total_net customer lines',
      ],
    ],
    [
      'an own name changes the table, not the default of the others',
      '{:tables {:order/id {:name Orders :rename-many-table {:order/tags "Order_Tags"}}}}',
      [
        'entity orders: db__id id total_net customer',
        'many order_tags: db__id id total_net customer tags',
        'many order_x_lines: db__id id total_net customer lines',
      ],
    ],
    [
      'included attributes come, also of whole namespaces, excluded ones go',
      '{:tables {:customer/id {:include [:audit/* :order/tags :db/ident] :exclude [:customer/id :audit/marks]}}}',
      [
        'entity customer: db__id name country at ident',
        'many customer_x_tags: db__id name country at ident tags',
      ],
    ],
    [
      'renamed columns have their new names, also in tables of values',
      '{:tables {:order/id {:exclude [:order/lines] :rename {:order/id "Number" :order/tags tag}}}}',
      [
        'entity order: db__id number total_net customer',
        'many order_x_tags: db__id number total_net customer tag',
      ],
    ],
    [
      'a join brings the columns of its table, not its id, and not what that table joins',
      '{:tables {:order/id {:exclude [:order/tags :order/lines]} :customer/id {}} :joins {:order/customer CUSTOMER :customer/country customer}}',
      [
        'entity order: db__id id total_net customer customer__id customer__name customer__country',
        'entity customer: db__id id name country country__id country__name country__country',
      ],
    ],
    [
      'a join on a cardinality-many reference widens its table of values',
      '{:tables {:order/id {:exclude [:order/tags]} :customer/id {}} :joins {:order/lines "customer"}}',
      [
        'entity order: db__id id total_net customer',
        'many order_x_lines: db__id id total_net customer lines lines__id lines__name lines__country',
        'entity customer: db__id id name country',
      ],
    ],
  ])('%s', (_title, text, expected) => {
    expect(describeTables(text, SCHEMA)).toEqual(expected);
  });
});

describe('the tables of a metaschema, without a schema', () => {
  it.each([
    ['what is named is known', '{:tables {:a-b.c/id {:include [:x/y]}}}', ['entity a_b_c: db__id id y']],
    [
      'a renamed table of values is known',
      '{:tables {:order/id {:include [:x/tags] :rename-many-table {:x/tags "t"}}}}',
      ['entity order: db__id id', 'many t: db__id id tags'],
    ],
    [
      'joins bring nothing yet',
      '{:tables {:order/id {}} :joins {:order/id order}}',
      ['entity order: db__id id'],
    ],
  ])('%s', (_title, text, expected) => {
    expect(describeTables(text, null)).toEqual(expected);
  });
});

it.each([
  ['abstractRelease', 'abstractrelease'],
  ['label.type', 'label_type'],
  ['cooperation.3rd-party', 'cooperation_3rd_party'],
  ['procurement-id+part', 'procurement_id_part'],
  ['größe', 'gr__e'],
])('the name %s is %s in SQL', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

it.each([
  ['shop', false],
  ['shop_2', false],
  ['_shop', false],
  ['2shop', true],
  ['my-shop', true],
  ['order', true],
  ['orders', false],
])('whether %s must be quoted in SQL: %s', (name, expected) => {
  expect(needsQuotes(name)).toBe(expected);
});

const OPTIONS = [':name', ':include', ':exclude', ':rename', ':rename-many-table', ':scale'];
it.each([
  [':rename-many', ':rename-many-table'],
  [':rename-many-tables', ':rename-many-table'],
  [':rename_many_table', ':rename-many-table'],
  [':renam', ':rename'],
  [':Name', ':name'],
  [':names', ':name'],
  [':exlude', ':exclude'],
  [':varchar', null],
  [':x', null],
  ['x', null],
  [`:${'name'.repeat(50)}`, null],
])('for %s is suggested: %s', (word, expected) => {
  expect(suggest(word, OPTIONS)).toBe(expected);
  expect(didYouMean(suggest(word, OPTIONS), 'see the list')).toBe(
    expected === null ? 'see the list' : `did you mean ${expected} ?`,
  );
});
