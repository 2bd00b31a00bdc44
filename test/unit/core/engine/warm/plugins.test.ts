import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePlugins } from '../../../../../agent/core/engine/warm/plugins.ts';

/** As PrestoSQL 350 and Trino 476 call them. */
const AVAILABLE = ['datomic', 'geospatial', 'local-file', 'memory', 'presto-pinot', 'thrift', 'tpch'];
const choose = (connectors: readonly string[], extra: readonly string[] = []) =>
  choosePlugins({ available: AVAILABLE, connectors, extra });

test('only the plugins of the connectors are kept, sorted', () => {
  expect(choose(['tpch', 'datomic'])).toEqual({ plugins: ['datomic', 'tpch'], unknown: [], unmatched: [] });
});

test.each([
  ['localfile', 'local-file'],
  ['pinot', 'presto-pinot'],
  ['presto-thrift', 'thrift'],
])('the connector %s comes from the plugin %s', (connector, plugin) => {
  expect(choose([connector]).plugins).toEqual([plugin]);
});

test('what the operator adds is kept beside them', () => {
  expect(choose(['datomic'], ['geospatial']).plugins).toEqual(['datomic', 'geospatial']);
});

test('a star keeps all', () => {
  expect(choose(['datomic'], ['*'])).toEqual({ plugins: AVAILABLE, unknown: [], unmatched: [] });
});

test('a connector whose plugin cannot be told by its name keeps all, and is named', () => {
  expect(choose(['datomic', 'gsheets'])).toEqual({
    plugins: AVAILABLE,
    unknown: [],
    unmatched: ['gsheets'],
  });
});

test('a plugin that the distribution does not have is named and changes nothing else', () => {
  expect(choose(['tpch'], ['geo'])).toEqual({ plugins: ['tpch'], unknown: ['geo'], unmatched: [] });
});

describe('whatever the names are', () => {
  const name = fc.constantFrom('tpch', 'tpcds', 'memory', 'local-file', 'localfile', 'a_b', 'presto-a', '*');
  const names = fc.uniqueArray(name, { maxLength: 6 });

  test('nothing is kept that is not there, and each connector has its plugin or all are kept', () => {
    fc.assert(
      fc.property(names, names, names, (available, connectors, extra) => {
        const { plugins, unmatched } = choosePlugins({ available, connectors, extra });
        expect(available).toEqual(expect.arrayContaining([...plugins]));
        const isEverything = plugins.length === available.length;
        if (unmatched.length > 0 || extra.includes('*')) expect(isEverything).toBe(true);
        for (const connector of connectors) {
          if (available.includes(connector)) expect(plugins).toContain(connector);
        }
      }),
    );
  });
});
