import type { SourceFile } from '../../types.ts';

/** Connectors that need no backend; a catalog of each is read in training where its plugin is there. */
const WITHOUT_BACKEND = ['memory', 'tpch'] as const;

/** The plugins that training loads: those that a start loads, and those that give it a table to read. */
export function pluginsToTrain(loaded: readonly string[], available: readonly string[]): readonly string[] {
  const more = WITHOUT_BACKEND.filter((name) => available.includes(name));
  return [...new Set([...loaded, ...more])].toSorted();
}

export function trainingCatalogs(plugins: readonly string[]): readonly SourceFile[] {
  return WITHOUT_BACKEND.filter((name) => plugins.includes(name)).map((name) => ({
    path: `catalog/${name}.properties`,
    bytes: new TextEncoder().encode(`connector.name=${name}\n`),
  }));
}

/**
 * What a gateway's clients and its agent ask in the first seconds, so that the classes of it are in the archive. The
 * first is what shows that the engine can read a table. Every engine has the tables of `system`.
 */
export function trainingStatements(plugins: readonly string[]): readonly [string, ...string[]] {
  const ofSystem = [
    'SELECT * FROM system.metadata.catalogs',
    'SELECT count(*) FROM system.runtime.nodes',
    'SHOW SCHEMAS FROM system',
    'SHOW TABLES FROM system.runtime',
    "SELECT table_name FROM system.information_schema.tables WHERE table_schema = 'runtime' ORDER BY 1 LIMIT 5",
    'SELECT state, count(*), max(created) FROM system.runtime.queries GROUP BY state ORDER BY 2 DESC',
  ];
  if (!plugins.includes('tpch')) return ['SELECT count(*) FROM system.runtime.nodes', ...ofSystem];
  return [
    'SELECT count(*) FROM tpch.tiny.nation',
    ...ofSystem,
    'DESCRIBE tpch.tiny.orders',
    "SELECT name, comment FROM tpch.tiny.nation WHERE name LIKE 'A%' ORDER BY name LIMIT 3",
    `SELECT r.name, count(*), sum(c.acctbal) FROM tpch.tiny.customer c
       JOIN tpch.tiny.nation n ON c.nationkey = n.nationkey JOIN tpch.tiny.region r ON n.regionkey = r.regionkey
       GROUP BY r.name HAVING count(*) > 1 ORDER BY 2 DESC`,
    'SELECT orderstatus, year(orderdate), count(DISTINCT custkey), avg(totalprice) FROM tpch.tiny.orders GROUP BY 1, 2',
  ];
}
