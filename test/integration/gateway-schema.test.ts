import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../support/cli.ts';

const KEYWORDS = [
  [':order/number', ':db.type/string', ':db.cardinality/one'],
  [':order/tags', ':db.type/keyword', ':db.cardinality/many'],
  [':customer/email', ':db.type/string', ':db.cardinality/one'],
];
const COLUMNS = [['db__id'], ['ident'], ['valuetype'], ['cardinality']];

/**
 * A stand-in for the engine with a Datomic database: it answers statements by their text, in two pages as engines
 * do, and notes them. Only requests with the header of PrestoSQL are taken.
 */
async function startStandIn(answers: Readonly<Record<string, readonly unknown[][]>>) {
  const asked: string[] = [];
  let page: readonly unknown[][] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const send = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
      if (request.url === '/v1/info') return send(200, { nodeVersion: { version: '348' } });
      if (request.headers['x-presto-user'] === undefined) return send(401, {});
      if (request.url === '/v1/statement/1') return send(200, { id: 'q', data: page });
      const sql = Buffer.concat(chunks).toString();
      asked.push(sql);
      const found = Object.entries(answers).find(([start]) => sql.startsWith(start));
      if (found === undefined) {
        return send(200, {
          id: 'q',
          error: { message: `Table does not exist: ${sql}`, errorType: 'USER_ERROR' },
        });
      }
      page = found[1];
      return send(200, { id: 'q', nextUri: `http://${request.headers.host}/v1/statement/1` });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { asked, args: ['--set', `analytics.url=http://127.0.0.1:${port}`] };
}

const DIR = 'test/cases/schema/two-schemas/input';

describe('the schema of a running gateway', () => {
  test('is asked of db__attrs: explain says what that database shows', async () => {
    const { asked, args } = await startStandIn({ 'SHOW COLUMNS': COLUMNS, SELECT: KEYWORDS });
    const run = await runCli(['explain', DIR, '--from-gateway', 'shop.my-orders', '--json', ...args]);
    expect(run.stderr).toBe('');
    const { metaschemas } = JSON.parse(run.stdout);
    expect(metaschemas[0].schemas).toEqual([
      { path: 'shop.my-orders', matches: false, missing: [':invoice/id'] },
    ]);
    expect(metaschemas[1].tables.map(({ name }: { name: string }) => name)).toEqual([
      'order',
      'order_x_tags',
      'customer',
      'db__attrs',
      'db__idents',
    ]);
    expect(asked).toEqual([
      'SHOW COLUMNS FROM "shop"."my-orders"."db__attrs"',
      'SELECT "ident", "valuetype", "cardinality" FROM "shop"."my-orders"."db__attrs"',
    ]);
  });

  test('is put together from ids where the table has those', async () => {
    const { args } = await startStandIn({
      'SHOW COLUMNS': COLUMNS,
      'SELECT "ident"': [
        [':order/number', 23, 35],
        [':customer/email', 23, 36],
      ],
      'SELECT db__id': [
        [23, ':db.type/string'],
        [35, ':db.cardinality/one'],
        [36, ':db.cardinality/many'],
      ],
    });
    const { stdout } = await runCli(['explain', DIR, '--from-gateway', 'shop.orders', ...args]);
    expect(stdout).toContain('number      varchar    :order/number');
    expect(stdout).toContain('customer_x_email  a row per value of :customer/email');
  });

  test('is held against metaschemas by validate', async () => {
    const { args } = await startStandIn({ 'SHOW COLUMNS': COLUMNS, SELECT: KEYWORDS });
    const run = await runCli(['validate', DIR, '--from-gateway', 'shop.orders', ...args]);
    expect(run.exitCode).toBe(65);
    expect(run.stdout).toContain('SCHEMA_UNKNOWN_ATTRIBUTE  datomic/shop.edn:2:28');
  });

  test.each<[string, Readonly<Record<string, readonly unknown[][]>>, string]>([
    ['without such a database', {}, 'did not tell the schema of shop.orders: Table does not exist'],
    [
      'with a table that nobody expected',
      { SHOW: [['a'], ['b']] },
      'does not tell the attributes; it has the columns a, b',
    ],
    [
      'with an empty one',
      { SHOW: COLUMNS, SELECT: [] },
      'does not tell the attributes; it has the columns db__id',
    ],
  ])('%s: one sentence and exit 69', async (_title, answers, expected) => {
    const { args } = await startStandIn(answers);
    const run = await runCli(['explain', DIR, '--from-gateway', 'shop.orders', ...args]);
    expect(run).toMatchObject({ exitCode: 69, stdout: '' });
    expect(run.stderr).toContain(expected);
  });

  test('where nothing listens the sentence names the address', async () => {
    const args = ['--set', 'analytics.url=http://127.0.0.1:1'];
    const run = await runCli(['explain', DIR, '--from-gateway', 'shop.orders', ...args]);
    expect(run.exitCode).toBe(69);
    expect(run.stderr).toContain(
      'http://127.0.0.1:1 did not tell the schema of shop.orders: nothing listens',
    );
    expect(run.stderr).toContain('--set analytics.url=URL');
  });
});
