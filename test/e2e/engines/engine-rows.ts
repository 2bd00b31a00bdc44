/** What both real engines must show. One agent and one engine go through all of it, in this order. */
import { readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readListeners } from '../../../agent/adapters/listening-ports.ts';
import { INSTANCE_TYPES, visibleBytes } from '../../../agent/core/instance-types.ts';
import { type MemoryPlan, planMemory } from '../../../agent/core/sizing.ts';
import {
  createEngineRig,
  DRAIN_MS,
  type EngineFiles,
  type EngineName,
  type EngineRig,
} from '../../support/engine-rig.ts';
import { findCondition } from '../../support/rows.ts';

const FILES: EngineFiles = {
  'catalog/tpch.properties': 'connector.name=tpch\n',
  'datomic/shop.edn': '{:tables {:order/id {:name "orders"}} :joins {}}\n',
};
/** PrestoSQL carries a connector with a backend; nothing listens where this one looks for it. */
const AWAY = 'connector.name=postgresql\nconnection-url=jdbc:postgresql://127.0.0.1:9/x\nconnection-user=x\n';
const MORE: Readonly<Record<EngineName, EngineFiles>> = {
  presto: {
    ...FILES,
    'catalog/away.properties': AWAY,
    'catalog/scratch.properties': 'connector.name=memory\n',
  },
  trino: { ...FILES, 'catalog/scratch.properties': 'connector.name=memory\n' },
};

/** Some seconds on two cores, so that a restart can meet it. */
const QUERY_THAT_ENDS = 'SELECT count(*) FROM tpch.sf1.lineitem';
const LINEITEMS_OF_SF1 = 6_001_215;
/** Days. */
const QUERY_WITHOUT_END = 'SELECT count(*) FROM tpch.sf100000.lineitem';
/** More than any heap here at once, and one object: no limit for queries sees it coming. */
const QUERY_FOR_ALL_MEMORY = "SELECT length(rpad('a', 2000000000, 'b'))";

const IDENTITIES = {
  presto: { name: 'presto', version: '350', java: '17.0.1' },
  trino: { name: 'trino', version: '476', java: '25.0.1' },
};

/** The smallest and the largest heap of the table of instance types. */
function extremePlans(name: EngineName): readonly [MemoryPlan, MemoryPlan] {
  const plans = INSTANCE_TYPES.map((type) =>
    planMemory({ totalBytes: visibleBytes(type), cpus: type.cpus, engine: IDENTITIES[name] }),
  ).filter(({ verdict }) => verdict === 'sufficient');
  const sorted = plans.toSorted((a, b) => a.heapBytes - b.heapBytes);
  const [smallest, largest] = [sorted[0], sorted.at(-1)];
  if (smallest === undefined || largest === undefined) throw new Error('no instance type is large enough');
  return [smallest, largest];
}

const pidOf = (rig: EngineRig): number => rig.status()?.analytics.pid ?? 0;

/** Resolves with the query's id when the engine runs it; what becomes of it is `outcome`. */
async function startQuery(rig: EngineRig, sql: string, user: string) {
  let onId: (id: string) => void;
  let onFailure: (error: Error) => void;
  const started = new Promise<string>((resolve, reject) => {
    onId = resolve;
    onFailure = reject;
  });
  const outcome = rig.sql(sql, { user, onStart: (id) => onId(id) }).then(
    (rows) => ({ rows }),
    (error: Error) => {
      onFailure(error);
      return { error };
    },
  );
  const id = await started;
  for (let state = ''; state !== 'RUNNING'; state = await stateOf(rig, id));
  return { id, outcome };
}

async function stateOf(rig: EngineRig, id: string): Promise<string> {
  const [row] = await rig.sql(`SELECT state FROM system.runtime.queries WHERE query_id = '${id}'`);
  return String(row?.[0]);
}

/** Inodes of the sockets that a process holds. */
function socketsOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      return inode === undefined ? [] : [Number(inode)];
    } catch {
      // Closed since it was listed.
      return [];
    }
  });
}

export function testEngine(name: EngineName): void {
  describe(`a gateway on ${name}`, () => {
    const [smallest, largest] = extremePlans(name);
    const more = MORE[name];
    let rig: EngineRig;
    /** The snapshot that was taken last. */
    let seen: string | undefined;

    beforeAll(async () => {
      rig = await createEngineRig(name);
      rig.setFlags(smallest.jvmFlags);
      rig.sync(FILES);
      rig.start();
    });
    afterAll(() => rig?.dispose());

    test('starts for the first time with the smallest heap of the table, and is proven', async () => {
      const status = await rig.waitForProven();
      expect(status.analytics).toMatchObject({ state: 'running', serving: true, restarts: 0 });
      expect(status.analytics.engine).toBe(name === 'presto' ? 'PrestoSQL 350' : 'Trino 476');
      expect(findCondition(status, 'Proven')).toMatchObject({ status: 'True' });
      expect(await rig.sql('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
    });

    test('listens on loopback alone', async () => {
      const sockets = socketsOf(pidOf(rig));
      const own = ((await readListeners()) ?? []).filter(({ inode }) => sockets.includes(inode));
      expect(own.map(({ port }) => port)).toContain(rig.port);
      expect(own.filter(({ isLoopback }) => !isLoopback)).toEqual([]);
    });

    test('takes its catalogs from the release alone: no client can make one', async () => {
      await expect(rig.sql('CREATE CATALOG mine USING tpch')).rejects.toThrow();
      expect((await rig.sql('SHOW CATALOGS')).flat()).not.toContain('mine');
    });

    test('a metaschema change leaves the process and a running query alone', async () => {
      const pid = pidOf(rig);
      const before = rig.status()?.proven?.digest;
      const query = await startQuery(rig, QUERY_WITHOUT_END, 'analyst');
      rig.sync({ ...FILES, 'datomic/shop.edn': '{:tables {:order/id {:name "sales"}} :joins {}}\n' });
      await rig.waitFor(
        ({ proven }) => proven !== null && proven.digest !== before,
        'the metaschema is proven',
      );
      expect(pidOf(rig)).toBe(pid);
      expect(await stateOf(rig, query.id)).toBe('RUNNING');
      await rig.sql(`CALL system.runtime.kill_query('${query.id}', 'the test is over')`);
      expect(await query.outcome).toHaveProperty('error');
    });

    test('a new catalog is one restart, a query that ends is let finish, and a client sees the catalog', async () => {
      const pid = pidOf(rig);
      const { restarts } = rig.status()?.analytics ?? { restarts: -1 };
      rig.setFlags(largest.jvmFlags);
      const query = await startQuery(rig, QUERY_THAT_ENDS, 'analyst');
      rig.sync(more);
      expect(await query.outcome).toEqual({ rows: [[LINEITEMS_OF_SF1]] });
      const status = await rig.waitForProven();
      expect(status.analytics.restarts).toBe(restarts + 1);
      expect(status.analytics.pid).not.toBe(pid);
      expect(status.analytics.lastRestart).toMatchObject({
        reason: 'catalog',
        outcome: 'done',
        queriesKilled: [],
      });
      expect(status.analytics.lastRestart?.drainMs).toBeGreaterThan(0);
      expect(status.analytics.lastRestart?.drainMs).toBeLessThan(DRAIN_MS);
      expect(await rig.vendorClient('SHOW CATALOGS')).toContain('"scratch"');
    });

    if (name === 'presto') {
      test('a backend that is away is no fault of the configuration: it is named, and all else serves', () => {
        const status = rig.status();
        expect(findCondition(status, 'BackendFailing')?.message).toMatch(/^away: .*127\.0\.0\.1:9/);
        expect(status?.analytics.serving).toBe(true);
        expect(status?.proven?.digest).toBe(status?.desired?.digest);
      });
    }

    test('runs with the largest heap of the table as well', async () => {
      const response = await fetch(`${rig.url}/v1/status`);
      expect(await response.json()).toMatchObject({ heapAvailable: largest.heapBytes });
      rig.setFlags(smallest.jvmFlags);
    });

    test('a query without end cannot hold a restart beyond the limit, and is named', async () => {
      const pid = pidOf(rig);
      const old = await startQuery(rig, QUERY_WITHOUT_END, 'analyst');
      const answering = rig.ask('restart', '--reason', 'test');
      await rig.waitFor(({ reason }) => reason.startsWith('draining'), 'the drain');
      const newer = await startQuery(rig, QUERY_WITHOUT_END, 'latecomer');
      const answer = await answering;
      expect(answer).toMatchObject({ outcome: 'done', queriesKilled: 2, pidBefore: pid });
      expect(answer.drainMs).toBeGreaterThanOrEqual(DRAIN_MS);
      expect(answer.drainMs).toBeLessThan(DRAIN_MS + 5_000);
      const killed = rig.status()?.analytics.lastRestart?.queriesKilled ?? [];
      expect(killed.toSorted((a, b) => a.user.localeCompare(b.user))).toEqual([
        { id: old.id, user: 'analyst' },
        { id: newer.id, user: 'latecomer' },
      ]);
      expect(await old.outcome).toHaveProperty('error');
      expect(await newer.outcome).toHaveProperty('error');
    });

    // Nothing in it depends on the engine, and each start costs ten seconds.
    if (name === 'presto') {
      test('a restart with --now waits for no query', async () => {
        await rig.waitForProven();
        const query = await startQuery(rig, QUERY_WITHOUT_END, 'analyst');
        const answer = await rig.ask('restart', '--now');
        expect(answer).toMatchObject({ outcome: 'done', drainMs: 0, queriesKilled: 1 });
        expect(await query.outcome).toHaveProperty('error');
      });
    }

    test.each(REFUSALS[name])(
      'a catalog with %s is named with file, line and the engine’s words',
      async (_title, text, line, words) => {
        const { quarantined = [] } = rig.status() ?? {};
        rig.sync({ ...more, 'catalog/bad.properties': text });
        const isOther = (digest: string) => quarantined.every((entry) => entry.digest !== digest);
        const status = await rig.waitFor(
          (now) => now.quarantined.some(({ digest, reason }) => isOther(digest) && reason.includes('bad')),
          'the quarantine',
        );
        const entry = status.quarantined.findLast(({ digest }) => isOther(digest));
        expect(entry?.reason).toContain(`catalog bad (catalog/bad.properties:${line})`);
        expect(entry?.reason).toContain(words);
        expect(findCondition(status, 'Proven')).toMatchObject({ status: 'False', reason: 'RolledBack' });
      },
    );

    test('what was proven serves again after a refusal, for a client as well', async () => {
      const status = await rig.waitFor(({ analytics }) => analytics.serving, 'serving after the rollback');
      expect(status.effective?.digest).toBe(status.proven?.digest);
      expect((await rig.sql('SHOW CATALOGS')).flat()).toEqual([
        ...(name === 'presto' ? ['away'] : []),
        'scratch',
        'system',
        'tpch',
      ]);
      expect(await rig.sql('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
      rig.sync(more);
      await rig.waitForProven();
    });

    test('an engine that was killed comes back by itself', async () => {
      const pid = pidOf(rig);
      process.kill(pid, 'SIGKILL');
      const status = await rig.waitFor(
        ({ analytics }) => analytics.serving && analytics.pid !== pid && analytics.pid !== null,
        'serving again',
      );
      expect(findCondition(status, 'Ended')).toMatchObject({ reason: 'Killed' });
      expect(status.quarantined).toEqual([]);
    });

    test('a query that takes all memory ends the JVM; that is recognised, and it comes back', async () => {
      const pid = pidOf(rig);
      await expect(rig.sql(QUERY_FOR_ALL_MEMORY)).rejects.toThrow();
      const status = await rig.waitFor(
        ({ analytics }) => analytics.serving && analytics.pid !== pid && analytics.pid !== null,
        'serving again',
      );
      expect(findCondition(status, 'Ended')).toMatchObject({ reason: 'JvmOom' });
      expect(status.quarantined).toEqual([]);
      expect(await rig.sql('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
    });

    test('ten catalog changes in a row are few restarts, and the last one is live', async () => {
      const { restarts } = rig.status()?.analytics ?? { restarts: -1 };
      for (let change = 1; change <= 10; change += 1) {
        rig.sync({
          ...more,
          'catalog/tpch.properties': `connector.name=tpch\ntpch.splits-per-node=${change}\n`,
        });
        await rig.waitFor(({ desired }) => desired?.snapshot !== seen, 'the change is taken');
        seen = rig.status()?.desired?.snapshot;
      }
      const status = await rig.waitForProven();
      expect(status.analytics.restarts - restarts).toBeLessThanOrEqual(4);
      expect(await rig.sql('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
    });
  });
}

type Refusal = readonly [title: string, text: string, line: number, words: string];

const REFUSALS: Readonly<Record<EngineName, readonly Refusal[]>> = {
  presto: [
    [
      'an unknown property',
      '# bad\nconnector.name=memory\nmemory.no-such=1\n',
      3,
      "'memory.no-such' was not used",
    ],
    [
      'a wrong value',
      'connector.name=tpch\n\ntpch.splits-per-node=many\n',
      3,
      'Invalid property tpch.splits-per-node',
    ],
    ['a connector that is not installed', 'connector.name=nosuch\n', 1, "No factory for connector 'nosuch'"],
  ],
  trino: [
    [
      'an unknown property',
      '# bad\nconnector.name=memory\nmemory.no-such=1\n',
      3,
      "'memory.no-such' was not used",
    ],
    [
      'a wrong value',
      'connector.name=tpch\n\ntpch.splits-per-node=many\n',
      3,
      "Invalid value 'many' for type int",
    ],
    ['a connector that is not installed', 'connector.name=nosuch\n', 1, "No factory for connector 'nosuch'"],
  ],
};
