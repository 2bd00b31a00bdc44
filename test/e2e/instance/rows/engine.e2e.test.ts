/** The unit of the analytics process with a real engine in it: Trino 476 and its Java lie in the instance. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runSql } from '../../../run/sql.mjs';
import { disposeInstances } from '../../../support/instance.ts';
import { AGENT, ANALYTICS, createGateway, type Gateway } from '../../../support/instance-gateway.ts';
import { findCondition } from '../../../support/rows.ts';

const HOME = '/opt/datomic/analytics';
const JAVA = '/opt/java';
const START_MS = 180_000;
/** Days. */
const QUERY_WITHOUT_END = 'SELECT count(*) FROM tpch.sf100000.lineitem';

let gateway: Gateway;
const ask = (sql: string) => runSql(`http://127.0.0.1:${gateway.port}`, sql);

const stateOf = async (id: string) =>
  (await ask(`SELECT state FROM system.runtime.queries WHERE query_id = '${id}'`))[0]?.[0];

/** What the engine needs of a directory of this machine, into the instance: copies, since the instance may write. */
async function bring(from: string, to: string, names: readonly string[]): Promise<void> {
  const target = gateway.instance.path(to);
  await mkdir(target, { recursive: true });
  const sources = names.map((name) => path.join(from, name));
  await promisify(execFile)('cp', ['--archive', '--reflink=auto', '--target-directory', target, ...sources]);
}

beforeAll(async () => {
  const setup = execFileSync('test/tools/setup-engine.sh', ['trino'], { encoding: 'utf8' });
  const [distribution = '', java = ''] = setup.trim().split('\n');
  gateway = await createGateway({
    settings: {
      'analytics.engine': 'trino',
      'analytics.java': `${JAVA}/bin/java`,
      'gate.connectors': ['tpch'],
      'restart.prove': '120s',
      'restart.proveFirst': '180s',
    },
  });
  await bring(distribution, HOME, ['lib']);
  await bring(path.join(distribution, 'plugin'), `${HOME}/plugin`, ['tpch']);
  await bring(path.dirname(path.dirname(java)), JAVA, ['bin', 'conf', 'lib', 'release']);
  await gateway.instance.boot();
});
afterAll(async () => {
  await gateway?.close();
  await disposeInstances();
});

it('starts by its unit, in its sandbox, and is proven', async () => {
  const snapshot = await gateway.sync({ 'catalog/tpch.properties': 'connector.name=tpch\n' });
  const status = await gateway.waitForProven(snapshot, START_MS);
  expect(status.analytics.engine).toBe('Trino 476');
  expect(await ask('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
});

it.each([
  'systemctl restart gateway-agent.service',
  'systemctl kill --kill-whom=main --signal=KILL gateway-agent.service',
])('%s leaves the engine and a running query alone', async (command) => {
  const [engine, agent] = [await gateway.pidOf(ANALYTICS), await gateway.pidOf(AGENT)];
  let id = '';
  const outcome = runSql(`http://127.0.0.1:${gateway.port}`, QUERY_WITHOUT_END, {
    onStart: (started) => {
      id = started;
    },
  }).catch((error: Error) => error);
  await gateway.waitUntil(async () => (await stateOf(id)) === 'RUNNING', 'the query runs');
  await gateway.instance.sh(command);
  await gateway.waitFor(
    (status) => status.agent.pid !== agent && status.analytics.serving && status.proven !== null,
    60_000,
  );
  expect(await gateway.pidOf(ANALYTICS)).toBe(engine);
  expect(await stateOf(id)).toBe('RUNNING');
  await ask(`CALL system.runtime.kill_query('${id}', 'the test is over')`);
  expect(await outcome).toBeInstanceOf(Error);
});

it('a port that somebody else took meanwhile is named, and the engine comes back when it is free', async () => {
  const server = createServer();
  await gateway.instance.sh(`systemctl kill --kill-whom=main --signal=KILL ${ANALYTICS}`);
  // The unit waits for two seconds before it starts the engine again.
  await gateway.waitUntil(
    () =>
      new Promise((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(gateway.port, '127.0.0.1', () => resolve(true));
      }),
    'the port is ours',
  );
  const status = await gateway.waitFor(
    (now) => findCondition(now, 'Healthy')?.reason === 'PortTaken',
    60_000,
  );
  expect(findCondition(status, 'Healthy')?.message).toContain(`port ${gateway.port} is taken by`);
  expect(status.quarantined).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
  await gateway.waitFor(({ analytics }) => analytics.serving, START_MS);
  expect(await ask('SELECT count(*) FROM tpch.tiny.nation')).toEqual([[25]]);
});
