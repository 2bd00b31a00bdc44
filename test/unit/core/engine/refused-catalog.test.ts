import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findRefusedCatalog } from '../../../../agent/core/engine/refused-catalog.ts';
import { formatRunMarker, parseRunMarker } from '../../../../agent/core/engine/run-marker.ts';
import type { RunId } from '../../../../agent/core/types.ts';

const A = 'run-a' as RunId;
const B = 'run-b' as RunId;
/** The last lines that PrestoSQL 350 and Trino 476 printed with a catalog `bad`. */
const recorded = (name: string): readonly string[] =>
  readFileSync(`test/cases/engine-log/${name}.txt`, 'utf8').split('\n');

test.each([
  ['presto-unused', "Configuration property 'datomic.databases[x]' was not used"],
  ['presto-noconnector', "No factory for connector 'nosuch'.  Available factories: [system, memory, tpch]"],
  [
    'presto-noname',
    'Catalog configuration /run/datomic-analytics/etc/catalog/bad.properties does not contain connector.name',
  ],
  ['presto-wrongvalue', 'Invalid property tpch.splits-per-node'],
  [
    'trino-wrongvalue',
    "Invalid value 'many' for type int (property 'tpch.splits-per-node') in order to call [public TpchConfig TpchConfig.setSplitsPerNode(int)]",
  ],
  ['trino-unused', "Configuration property 'datomic.databases[x]' was not used"],
  ['trino-noconnector', "No factory for connector 'nosuch'. Available factories: [memory, tpch]"],
])('%s names the catalog that the engine refused, in its words', (name, message) => {
  expect(findRefusedCatalog(recorded(name), A)).toEqual({ run: A, catalog: 'bad', message });
});

test('an engine that started has refused nothing', () => {
  expect(findRefusedCatalog(recorded('presto-started'), A)).toBeNull();
});

test('a run that started forgives what an earlier one refused', () => {
  const lines = [
    formatRunMarker({ run: A, previous: null }),
    ...recorded('presto-unused'),
    formatRunMarker({ run: B, previous: A }),
    ...recorded('presto-started'),
  ];
  expect(findRefusedCatalog(lines, B)).toBeNull();
});

test('lines before the first mark belong to the run before it', () => {
  const lines = [...recorded('presto-unused'), formatRunMarker({ run: B, previous: A })];
  expect(findRefusedCatalog(lines, B)?.run).toBe(A);
});

test('lines of a run that nobody knows blame nobody', () => {
  const lines = [...recorded('presto-unused'), formatRunMarker({ run: B, previous: null })];
  expect(findRefusedCatalog(lines, B)).toBeNull();
  expect(findRefusedCatalog(recorded('presto-unused'), null)).toBeNull();
});

test('the newest refusal counts', () => {
  const again = recorded('presto-unused').map((line) =>
    line.replaceAll('bad.properties', 'worse.properties'),
  );
  const lines = [...recorded('presto-unused'), formatRunMarker({ run: B, previous: A }), ...again];
  expect(findRefusedCatalog(lines, B)).toMatchObject({ run: B, catalog: 'worse' });
});

test('a failure before any catalog was loaded blames no catalog', () => {
  const lines = ['x\tERROR\tmain\tio.prestosql.server.Server\tBind address already in use'];
  expect(findRefusedCatalog(lines, A)).toBeNull();
});

test('catalogs that were loaded side by side are all named when the engine names none', () => {
  const lines = [
    'x\tINFO\tmain\tio.trino.connector.StaticCatalogManager\t-- Loading catalog one --',
    'x\tINFO\tmain\tio.trino.connector.StaticCatalogManager\t-- Loading catalog two --',
    'x\tERROR\tmain\tio.trino.server.Server\tboom',
  ];
  expect(findRefusedCatalog(lines, A)).toEqual({ run: A, catalog: 'one, two', message: 'boom' });
});

test('a mark is read back as it was written, and a line of the engine is none', () => {
  for (const marker of [
    { run: A, previous: null },
    { run: B, previous: A },
  ]) {
    expect(parseRunMarker(formatRunMarker(marker))).toEqual(marker);
  }
  expect(parseRunMarker('-- Loading catalog x --')).toBeNull();
});
