import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type ChildRig, createChildRig } from '../support/child-rig.ts';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

async function untilRecorded(rig: ChildRig, kind: string) {
  for (const until = Date.now() + 15_000; Date.now() < until; await sleep(25)) {
    const found = rig.record().find((line) => line.kind === kind);
    if (found !== undefined) return found;
  }
  throw new Error(`never ${kind}: ${JSON.stringify(rig.record())}`);
}

interface Page {
  readonly nextUri?: string;
  readonly data?: unknown;
  readonly error?: { readonly errorName: string };
}

interface ListedQuery {
  readonly queryId: string;
  readonly state: string;
  readonly session: { readonly user: string };
}

async function ask(rig: ChildRig, sql: string): Promise<unknown> {
  const headers = { 'X-Presto-User': 'test' };
  const read = async (answer: Response) => (await answer.json()) as Page;
  let page = await read(await fetch(`${rig.url}/v1/statement`, { method: 'POST', body: sql, headers }));
  while (page.nextUri !== undefined) page = await read(await fetch(page.nextUri, { headers }));
  return page.data ?? page.error?.errorName;
}

async function start(script: object = {}, catalog?: string) {
  const rig = await createChildRig();
  await rig.setScript(script);
  if (catalog !== undefined) rig.setCatalog(catalog);
  const supervisor = rig.create();
  await supervisor.start();
  return { rig, supervisor };
}

test('each start is recorded with the digest of all that was read', async () => {
  const { rig } = await start();
  const line = await untilRecorded(rig, 'start');
  const config = await readFile(join(rig.startedDir, 'config.properties'));
  const catalog = await readFile(join(rig.startedDir, 'catalog/shop.properties'));
  expect(line.files).toEqual({
    'catalog/shop.properties': sha256(catalog),
    'config.properties': sha256(config),
  });
});

test('metaschemas are read by path, continually; their tables show; a broken one is dropped in silence', async () => {
  const { rig } = await start();
  await untilRecorded(rig, 'serving');
  const file = join(rig.root, 'etc/datomic/shop.edn');
  const put = async (text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  const tables = () => ask(rig, 'SHOW TABLES FROM shop.shop');
  expect(await tables()).toEqual([['db__attrs'], ['db__idents']]);
  const text = '{:tables {:order/id {:name "orders" :exclude [:order/x]} :big-thing/id {}} :joins {}}';
  await put(text);
  expect(await tables()).toEqual([['db__attrs'], ['db__idents'], ['big_thing'], ['orders']]);
  expect(await (await fetch(`${rig.url}/stand-in/metaschemas`)).json()).toEqual([
    { name: 'shop.edn', sha256: sha256(text) },
  ]);
  await put('{:tables {:order/id {}');
  expect(await tables()).toEqual([['db__attrs'], ['db__idents']]);
});

test.each([
  ['presto', 'connector.name=datomic\nstand-in.refuse=true\n', 1, "property 'stand-in.refuse' was not used"],
  ['trino', 'connector.name=datomic\nstand-in.refuse=true\n', 100, "property 'stand-in.refuse' was not used"],
  ['presto', 'connector.name=nosuch\n', 1, "No factory for connector 'nosuch'"],
  ['presto', 'datomic.databases=[a]\n', 1, 'does not contain connector.name'],
])('%s refuses %j as the real one does', async (style, catalog, status, message) => {
  const rig = await createChildRig();
  rig.setCatalog(catalog);
  const supervisor = rig.create({ env: { ...rig.options.env, STAND_IN_ENGINE: style } });
  await supervisor.start();
  const line = await untilRecorded(rig, 'exit');
  expect(line.code).toBe(status);
  expect((await supervisor.tail(20)).join('\n')).toContain(message);
});

test.each([
  [{ exitAfterMs: 50 }, 1],
  [{ exitAfterMs: 50, exitCode: 9 }, 9],
  [{ oomAfterMs: 50 }, 3],
])('told %j it exits with %i', async (script, code) => {
  const { rig } = await start(script);
  expect((await untilRecorded(rig, 'exit')).code).toBe(code);
});

test('fields for one start of several hold for that start', async () => {
  const { rig } = await start({ starts: [{ exitAfterMs: 20, exitCode: 5 }] });
  expect((await untilRecorded(rig, 'exit')).code).toBe(5);
  await untilRecorded(rig, 'serving');
  expect(rig.starts()).toHaveLength(2);
});

test('a table can be read only while it serves; the rest answers before', async () => {
  const { rig } = await start({ serveMs: 'never' });
  await untilRecorded(rig, 'started');
  expect(await ask(rig, 'SELECT 1')).toEqual([[1]]);
  expect(await ask(rig, 'SHOW CATALOGS')).toEqual([['shop'], ['system']]);
  expect(await ask(rig, 'SELECT * FROM shop.shop.db__idents LIMIT 1')).toBe('NO_NODES_AVAILABLE');
});

test('a query can be asked for, listed and cancelled; without a user nothing is told', async () => {
  const { rig } = await start();
  await untilRecorded(rig, 'serving');
  const headers = { 'X-Presto-User': 'test' };
  await fetch(`${rig.url}/v1/statement`, { method: 'POST', body: 'SELECT stand_in_sleep(60000)', headers });
  const list = async () => {
    const answer = await fetch(`${rig.url}/v1/query`, { headers });
    return (await answer.json()) as ListedQuery[];
  };
  const [query] = await list();
  expect(query).toMatchObject({ state: 'RUNNING', session: { user: 'test' } });
  await fetch(`${rig.url}/v1/query/${query?.queryId}`, { method: 'DELETE', headers });
  expect((await list())[0]?.state).toBe('FAILED');
  expect((await fetch(`${rig.url}/v1/query`)).status).toBe(401);
});

test('it takes its time to die when it was told to', async () => {
  const rig = await createChildRig({ graceMs: 10_000 });
  await rig.setScript({ termMs: 600 });
  const supervisor = rig.create();
  await supervisor.start();
  await untilRecorded(rig, 'serving');
  await supervisor.stop();
  const exit = await untilRecorded(rig, 'exit');
  const term = await untilRecorded(rig, 'term');
  expect(exit.code).toBe(143);
  expect(Number(exit.at) - Number(term.at)).toBeGreaterThanOrEqual(550);
});
