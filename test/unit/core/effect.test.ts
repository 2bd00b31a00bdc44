import { describe, expect, it } from 'vitest';
import { effectCondition } from '../../../agent/core/effect/condition.ts';
import { type DatabaseLook, judgeEffect } from '../../../agent/core/effect/effect.ts';
import { expectEffect, findSchema, MOST_DATABASES } from '../../../agent/core/effect/expected.ts';
import { likelyReason, type SchemaLook } from '../../../agent/core/effect/reason.ts';
import type { DatomicSchema } from '../../../agent/core/schema/datomic-schema.ts';

const encode = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) }));

const catalog = (...databases: readonly string[]) =>
  `connector.name=datomic\ndatomic.databases=[${databases.join(' ')}]\n`;
const ORDERS = '{:tables {:order/id {} :order-line/number {:name "line"}} :joins {}}';
const INVOICES = '{:tables {:invoice/id {:rename-many-table {:invoice/tags "tags"}}} :joins {}}';

const schemaOf = (path: string, ...idents: readonly string[]): DatomicSchema => ({
  path,
  attributes: new Map(
    idents.map((ident) => [ident, { ident, valueType: null, isMany: false, definedAt: null }]),
  ),
});

describe('what is expected of a release', () => {
  it('is, for each metaschema, the tables of its membership attributes, in each listed database', () => {
    const expectation = expectEffect(
      encode({
        'catalog/shop.properties': catalog('shop', ':billing'),
        'datomic/orders.edn': ORDERS,
        'datomic/invoices.edn': INVOICES,
      }),
    );
    expect(expectation.metaschemas.map(({ path, tables }) => [path, tables])).toEqual([
      ['datomic/invoices.edn', ['invoice']],
      ['datomic/orders.edn', ['order', 'line']],
    ]);
    expect(expectation.databases).toEqual([
      { catalog: 'shop', database: 'shop' },
      { catalog: 'shop', database: 'billing' },
    ]);
    expect(expectation.unlooked).toEqual([]);
  });

  it('is nothing without a Datomic catalog', () => {
    const files = encode({ 'catalog/a.properties': 'connector.name=tpch\n', 'datomic/orders.edn': ORDERS });
    expect(expectEffect(files).databases).toEqual([]);
  });

  it('leaves out databases that no catalog lists, and those beyond what a look may ask', () => {
    const many = Array.from({ length: MOST_DATABASES + 3 }, (_, index) => `db${index}`);
    const { databases, unlooked } = expectEffect(
      encode({
        'catalog/all.properties': 'connector.name=datomic\n',
        'catalog/b.properties': catalog(...many),
      }),
    );
    expect(databases).toHaveLength(MOST_DATABASES);
    expect(unlooked).toEqual(['catalog all lists no databases', '3 more databases are listed']);
  });

  it('finds a database by its name, or as the connector folds it', () => {
    expect(findSchema('my-db', ['information_schema', 'my-db'])).toBe('my-db');
    expect(findSchema('My-db', ['my_db'])).toBe('my_db');
    expect(findSchema('other', ['my_db'])).toBeNull();
  });
});

const EXPECTATION = expectEffect(
  encode({
    'catalog/shop.properties': catalog('shop', 'billing'),
    'datomic/invoices.edn': INVOICES,
    'datomic/orders.edn': ORDERS,
  }),
);
const showing = (...tables: readonly string[]): DatabaseLook => ({ kind: 'tables', tables });
const judge = (
  looks: Readonly<Record<string, DatabaseLook>>,
  isOver: boolean,
  reasons: Readonly<Record<string, string>> = {},
) =>
  judgeEffect({
    expectation: EXPECTATION,
    looks: new Map(Object.entries(looks)),
    isOver,
    reasons: new Map(Object.entries(reasons)),
  });
const statesOf = (effect: ReturnType<typeof judge>) =>
  effect.metaschemas.map(({ state, databases }) => [state, ...databases.map((one) => one.state)]);

describe('what is found', () => {
  it('is seen where one database shows all tables: another schema is none of its business', () => {
    const looks = { 'shop.shop': showing('order', 'line'), 'shop.billing': showing('invoice') };
    expect(statesOf(judge(looks, true))).toEqual([
      ['seen', 'missing', 'seen'],
      ['seen', 'seen', 'missing'],
    ]);
    expect(effectCondition(judge(looks, true))).toEqual({
      type: 'MetaschemaEffect',
      status: 'True',
      reason: 'Seen',
      message: 'all 2 metaschemas have made their tables',
    });
  });

  it('is not yet seen until the time is over, then missing with its reason', () => {
    const looks = { 'shop.shop': showing('db__attrs', 'order'), 'shop.billing': showing('invoice') };
    expect(effectCondition(judge(looks, false))).toMatchObject({
      status: 'Unknown',
      reason: 'NotYetSeen',
      message: 'the tables of datomic/orders.edn have not appeared yet',
    });
    const over = judge(looks, true, { 'datomic/orders.edn': 'shop.shop lacks :order-line/number' });
    expect(over.metaschemas[1]?.databases[0]).toMatchObject({ state: 'missing', missing: ['line'] });
    expect(effectCondition(over)).toMatchObject({
      status: 'False',
      reason: 'Missing',
      message: 'datomic/orders.edn makes no table: shop.shop lacks :order-line/number',
    });
  });

  it('is unknown, not missing, where a database could not be asked', () => {
    const looks = {
      'shop.shop': { kind: 'failed', reason: 'x' } as const,
      'shop.billing': showing('invoice'),
    };
    expect(statesOf(judge(looks, true))[1]).toEqual(['unknown', 'unknown', 'missing']);
    expect(effectCondition(judge(looks, true))).toMatchObject({ status: 'Unknown', reason: 'CannotTell' });
  });

  it('is unknown, not missing, where a database that might show it is not looked at', () => {
    const expectation = expectEffect(
      encode({
        'catalog/all.properties': 'connector.name=datomic\n',
        'catalog/shop.properties': catalog('shop'),
        'datomic/orders.edn': ORDERS,
      }),
    );
    const looks = new Map([['shop.shop', showing()]]);
    const effect = judgeEffect({ expectation, looks, isOver: true, reasons: new Map() });
    expect(statesOf(effect)).toEqual([['unknown', 'missing']]);
    expect(effectCondition(effect)).toMatchObject({
      status: 'Unknown',
      reason: 'CannotTell',
      message:
        'whether the tables of datomic/orders.edn are there cannot be told: catalog all lists no databases',
    });
  });

  it('reads what a database shows once, however many tables are looked for', () => {
    const shown = ['order', 'line', 'invoice'];
    let reads = 0;
    const counted = new Proxy(shown, {
      get: (target, key, receiver) => {
        if (key === '0') reads += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    judge({ 'shop.shop': { kind: 'tables', tables: counted } }, true);
    expect(reads).toBe(1);
  });

  it('is not said where nothing is looked for', () => {
    expect(effectCondition(null)).toBeNull();
  });
});

describe('the likely reason', () => {
  const [, orders] = EXPECTATION.metaschemas;
  const reason = (
    looks: Readonly<Record<string, DatabaseLook>>,
    schemas: Readonly<Record<string, SchemaLook>> = {},
  ) => {
    if (orders === undefined) throw new Error('the expectation has two metaschemas');
    return likelyReason({
      expected: orders,
      databases: EXPECTATION.databases,
      looks: new Map(Object.entries(looks)),
      schemas: new Map(Object.entries(schemas)),
    });
  };
  const BOTH = { 'shop.shop': showing(), 'shop.billing': showing() };
  const schema = (...idents: readonly string[]): SchemaLook => ({
    kind: 'schema',
    schema: schemaOf('x', ...idents),
  });

  it('is the attribute that the nearest database lacks, and what was probably meant', () => {
    const schemas = {
      'shop.billing': schema(':invoice/id'),
      'shop.shop': schema(':order/id', ':order-line/numbr'),
    };
    expect(reason(BOTH, schemas)).toBe(
      'shop.shop lacks :order-line/number (did you mean :order-line/numbr?)',
    );
  });

  it('is a database that is not there', () => {
    expect(reason({ 'shop.shop': { kind: 'absent' }, 'shop.billing': { kind: 'absent' } })).toBe(
      'the engine does not show shop.shop, shop.billing: is there such a database?',
    );
  });

  it('is the connector where the database has all attributes', () => {
    expect(reason(BOTH, { 'shop.shop': schema(':order/id', ':order-line/number') })).toMatch(
      /^shop\.shop has all its membership attributes, so the connector has not read it/,
    );
  });

  it('is what to run where no schema could be read', () => {
    expect(reason(BOTH, { 'shop.shop': { kind: 'failed', reason: 'no such table' } })).toBe(
      'a database lacks one of its membership attributes, or is none that it was written for, and its schema could ' +
        'not be read (no such table): gatewayctl explain DIR --from-gateway shop.shop says which',
    );
  });
});
