/**
 * What is known of the engines, by release. One row holds what changes with its release; everything else is as in
 * the rows before it. A further release is a row here and a case in the table's test.
 */

/** The prefix of the request headers that the engine listens to: Trino renamed them with release 351. */
export type HeaderPrefix = 'X-Presto-' | 'X-Trino-';

export interface JavaNeed {
  /** Below this the engine itself refuses to start. */
  readonly oldest: string;
  /** Newest feature release that it is known to run on; a newer one has to be asked for by `analytics.java`. */
  readonly newest: number;
}

/** How a start is sped up by classes that were loaded before: nothing, a class-data archive, an AOT cache. */
export type WarmStart = 'none' | 'class-data-archive' | 'aot-cache';

export interface EngineFacts {
  readonly family: 'presto' | 'trino';
  readonly mainClass: string;
  /** In the order in which they are worth trying. */
  readonly headerPrefixes: readonly [HeaderPrefix, ...HeaderPrefix[]];
  readonly java: JavaNeed;
  /** Lists the queries, of which only id, state and session are read. */
  readonly queriesPath: string;
  /** `discovery-server.enabled` has to be written; later releases run their discovery without being told. */
  readonly needsDiscoveryServer: boolean;
  /** `query.max-total-memory-per-node` exists; where it does not, naming it stops the server ("was not used"). */
  readonly hasTotalMemoryPerNode: boolean;
  /** Share of the heap that one query may take by default, in percent; with the total where there is one. */
  readonly queryMemoryPercent: number;
  /** Share of the heap that stays free for what is not counted (`memory.heap-headroom-per-node`). */
  readonly headroomPercent: number;
  /** The engine takes an earlier clock for one that was not set. */
  readonly firstYear: number;
  /** Below this it refuses to start. */
  readonly leastOpenFiles: number;
  /** What speeds up its start on the newest Java that it is known to run on. */
  readonly warmStart: WarmStart;
}

export interface ProfileRow extends Partial<EngineFacts> {
  readonly since: number;
  /** Started and measured by the tests of this project; other rows are taken from the release notes. */
  readonly isTried?: boolean;
}

/** PrestoSQL 338 to 350, the last under that name; what is older is treated alike. */
const FIRST: EngineFacts = {
  family: 'presto',
  mainClass: 'io.prestosql.server.PrestoServer',
  headerPrefixes: ['X-Presto-', 'X-Trino-'],
  // Datomic ships 348 and asks for Java 11; what its connector makes of a newer one is not documented.
  java: { oldest: '11.0.7', newest: 11 },
  queriesPath: '/v1/query',
  needsDiscoveryServer: true,
  hasTotalMemoryPerNode: true,
  queryMemoryPercent: 30,
  headroomPercent: 30,
  firstYear: 2019,
  leastOpenFiles: 4_096,
  warmStart: 'none',
};

export const PROFILE_ROWS: readonly ProfileRow[] = [
  { since: 338 },
  {
    since: 350,
    isTried: true,
    java: { oldest: '11.0.7', newest: 17 },
    warmStart: 'class-data-archive',
  },
  {
    since: 351,
    family: 'trino',
    mainClass: 'io.trino.server.TrinoServer',
    headerPrefixes: ['X-Trino-', 'X-Presto-'],
    needsDiscoveryServer: false,
    java: { oldest: '11.0.7', newest: 11 },
    warmStart: 'none',
  },
  { since: 369, hasTotalMemoryPerNode: false },
  { since: 390, java: { oldest: '17.0.3', newest: 17 }, warmStart: 'class-data-archive' },
  { since: 436, java: { oldest: '21.0.1', newest: 21 } },
  { since: 447, java: { oldest: '22', newest: 22 } },
  // The list in full holds the plan of each query: megabytes where many ran.
  { since: 454, queriesPath: '/v1/query?pruned=true' },
  { since: 464, java: { oldest: '23', newest: 23 } },
  {
    since: 476,
    isTried: true,
    java: { oldest: '24.0.1', newest: 25 },
    firstYear: 2024,
    warmStart: 'aot-cache',
  },
];

/** What holds for a release: all rows up to it, laid over each other. */
export function factsOfRelease(release: number): EngineFacts {
  const changes = PROFILE_ROWS.filter(({ since }) => since <= release).map(
    ({ since: _since, isTried: _isTried, ...facts }) => facts,
  );
  return Object.assign({}, FIRST, ...changes);
}
