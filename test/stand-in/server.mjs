import { createServer as createHttpServer } from 'node:http';
import { createQueries } from './queries.mjs';

const LONG_POLL_MS = 1_000;

/** The engine's HTTP surface, plus `/stand-in/metaschemas`. */
export function createServer({ style, state, configuration, instructions, metaschemas, log }) {
  const prefix = style === 'presto' ? 'x-presto-' : 'x-trino-';
  const version = process.env.STAND_IN_VERSION ?? (style === 'presto' ? '350-stand-in' : '476-stand-in');
  const catalogs = configuration.catalogs.filter(({ name }) => !instructions.hide.includes(name));
  const queries = createQueries({ state, catalogs, metaschemas, instructions, style });
  const uptime = () => `${((Date.now() - state.beganAt) / 1000).toFixed(2)}s`;

  const routes = [
    [
      'GET',
      /^\/v1\/info$/,
      () => ({
        nodeVersion: { version },
        environment: 'stand_in',
        coordinator: true,
        starting: state.isStarting,
        uptime: uptime(),
      }),
    ],
    ['GET', /^\/v1\/info\/state$/, () => 'ACTIVE'],
    [
      'GET',
      /^\/v1\/status$/,
      () => ({
        nodeId: 'stand-in',
        nodeVersion: { version },
        environment: 'stand_in',
        coordinator: true,
        uptime: uptime(),
        processors: 1,
        heapAvailable: 2 ** 30,
        heapUsed: process.memoryUsage().heapUsed,
        nonHeapUsed: 0,
      }),
    ],
    ['GET', /^\/stand-in\/metaschemas$/, () => metaschemas.list()],
    [
      'POST',
      /^\/v1\/statement$/,
      ({ user, source, body, page }) => page(queries.start({ user, source, sql: body })),
    ],
    [
      'GET',
      /^\/v1\/statement\/executing\/([^/]+)\/\d+$/,
      async ({ id, page }) => page(await queries.wait(id, LONG_POLL_MS), true),
    ],
    ['DELETE', /^\/v1\/statement\/executing\/([^/]+)\/\d+$/, ({ id }) => queries.cancel(id)],
    ['GET', /^\/v1\/query$/, () => queries.list()],
    ['DELETE', /^\/v1\/query\/([^/]+)$/, ({ id }) => queries.cancel(id)],
  ];
  const isPublic = (path) => /^\/(v1\/(info|status)|stand-in\/)/.test(path);

  const answer = async (incoming) => {
    const path = new URL(incoming.url, 'http://loopback').pathname;
    const body = await readText(incoming);
    const route = routes.find(([method, pattern]) => method === incoming.method && pattern.test(path));
    if (route === undefined) return [404, null];
    const user = incoming.headers[`${prefix}user`];
    if (user === undefined && !isPublic(path)) return [401, null];
    const [, id] = route[1].exec(path);
    const page = (query, isFollowed = false) =>
      query === undefined ? undefined : toPage(query, `http://${incoming.headers.host}`, isFollowed);
    const result = await route[2]({ id, body, user, source: incoming.headers[`${prefix}source`], page });
    if (result === undefined) return [404, null];
    return result === null ? [204, null] : [200, result];
  };

  const server = createHttpServer((incoming, response) => {
    if (instructions.hang) return;
    answer(incoming).then(
      ([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === null ? '' : JSON.stringify(body));
      },
      (error) => {
        log.error('Server', `stand-in engine: ${error.stack}`);
        response.writeHead(500).end();
      },
    );
  });
  server.runLongQuery = (ms, user) =>
    queries.start({ user, source: 'test', sql: `SELECT stand_in_sleep(${ms})` });
  return server;
}

/** The first page never has the answer, as with the real ones: it is only queued. */
function toPage({ id, state, token, outcome }, origin, isFollowed) {
  const page = { id, infoUri: `${origin}/ui/query.html?${id}`, stats: { state } };
  if (!isFollowed || outcome === null) {
    return { ...page, nextUri: `${origin}/v1/statement/executing/${id}/${token}` };
  }
  if (outcome.error !== undefined) return { ...page, error: outcome.error };
  return { ...page, columns: [], data: outcome.data };
}

async function readText(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
