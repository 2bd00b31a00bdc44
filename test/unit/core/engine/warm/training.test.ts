import { expect, test } from 'vitest';
import {
  pluginsToTrain,
  trainingCatalogs,
  trainingStatements,
} from '../../../../../agent/core/engine/warm/training.ts';
import { textOf } from '../../../../support/releases.ts';

test('training loads what a start loads, and what gives it a table where that is there', () => {
  expect(pluginsToTrain(['datomic'], ['datomic', 'hive', 'tpch'])).toEqual(['datomic', 'tpch']);
  expect(pluginsToTrain(['datomic'], ['datomic', 'hive'])).toEqual(['datomic']);
});

test('no catalog of training reaches a backend', () => {
  const catalogs = trainingCatalogs(['datomic', 'hive', 'tpch']);
  expect(catalogs.map(({ path }) => path)).toEqual(['catalog/tpch.properties']);
  expect(textOf(catalogs, 'catalog/tpch.properties')).toBe('connector.name=tpch\n');
});

test('the first statement reads a table, of the engine itself where there is no other', () => {
  expect(trainingStatements(['tpch'])[0]).toBe('SELECT count(*) FROM tpch.tiny.nation');
  expect(trainingStatements(['datomic'])[0]).toBe('SELECT count(*) FROM system.runtime.nodes');
  expect(trainingStatements(['datomic']).join('\n')).not.toContain('tpch');
});
