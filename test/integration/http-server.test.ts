import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer, type HttpServer, type Pages } from '../../agent/adapters/http-server.ts';

const PAGES: Pages = {
  '/healthz': async () => ({ status: 200, contentType: 'text/plain', body: 'alive\n' }),
  '/broken': async () => {
    throw new Error('with a secret');
  },
};

const open: HttpServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of open.splice(0)) await server.close();
});

async function start(pages = PAGES, host = '127.0.0.1'): Promise<number> {
  const server = createHttpServer({ host, port: 0, pages });
  open.push(server);
  return (await server.listen()).port;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(
  port: number,
  options: { path?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { path = '/healthz', method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A bare connection, with what came back and whether it is closed. */
function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  // Connections that are turned away may be reset: that is an answer too.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { socket, closed, text: () => text };
}

describe('a page', () => {
  it('is answered, not cached and not sniffed', async () => {
    const { status, headers, body } = await ask(await start());
    expect([status, body]).toEqual([200, 'alive\n']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  it('is answered without a body to HEAD', async () => {
    const { status, headers, body } = await ask(await start(), { method: 'HEAD' });
    expect([status, headers['content-length'], body]).toEqual([200, '6', '']);
  });

  it('that fails is a 500 that says nothing of the inside', async () => {
    const { status, body } = await ask(await start(), { path: '/broken' });
    expect([status, body]).toEqual([500, 'cannot be answered\n']);
  });

  it.each([
    ['an unknown path', { path: '/etc/passwd' }, 404],
    ['a path of every object', { path: '/__proto__' }, 404],
    ['a query', { path: '/healthz?x=1' }, 200],
    ['another method', { method: 'DELETE' }, 405],
    ['a body', { method: 'POST', body: 'x'.repeat(100_000) }, 413],
    ['a chunked body', { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'x' }, 413],
  ])('%s', async (_, options, status) => {
    expect((await ask(await start(), options)).status).toBe(status);
  });
});

describe('host names that a browser could be made to resolve to loopback', () => {
  it.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:8991', 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:8991', 200],
    ['10.1.2.3', 200],
    ['evil.example', 403],
    ['evil.example:8991', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.nip.io', 403],
    ['user@localhost', 403],
  ])('%s: %i', async (host, status) => {
    expect((await ask(await start(), { headers: { host } })).status).toBe(status);
  });
});

it('a request that names no host is refused', async () => {
  const { socket, closed, text } = dial(await start());
  socket.write('GET /healthz HTTP/1.0\r\n\r\n');
  await closed;
  expect(text()).toMatch(/^HTTP\/1.1 403/);
});

describe('clients that mean no good', () => {
  it('headers that never end are cut off', { timeout: 20_000 }, async () => {
    const { socket, closed, text } = dial(await start());
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => socket.write('x: y\r\n'), 500);
    await closed;
    clearInterval(drip);
    expect(text()).not.toContain('alive');
  });

  it('headers that are too long are refused', async () => {
    const port = await start();
    const { socket, closed, text } = dial(port);
    socket.write(`GET /healthz HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    await closed;
    expect(text()).toMatch(/^HTTP\/1.1 431/);
    expect((await ask(port)).status).toBe(200);
  });

  it('what is no HTTP is refused', async () => {
    const { socket, closed, text } = dial(await start());
    socket.write('\x16\x03\x01 hello\r\n\r\n');
    await closed;
    expect(text()).toMatch(/^HTTP\/1.1 400/);
  });

  it('more of them than are served are turned away, and make room when they go', async () => {
    const port = await start();
    const crowd = Array.from({ length: 32 }, () => dial(port));
    await Promise.all(crowd.map(({ socket }) => new Promise((resolve) => socket.on('connect', resolve))));
    const late = dial(port);
    await late.closed;
    for (const { socket } of crowd) socket.destroy();
    await Promise.all(crowd.map(({ closed }) => closed));
    await expect
      .poll(() =>
        ask(port).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });
});

describe('an address', () => {
  it('that is taken is a value to work with, and free again later', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const server = createHttpServer({ host: '127.0.0.1', port, pages: PAGES });
    open.push(server);
    await expect(server.listen()).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      fields: { host: '127.0.0.1', port, errno: 'EADDRINUSE' },
    });
    await new Promise((resolve) => other.close(resolve));
    expect(await server.listen()).toEqual({ host: '127.0.0.1', port });
    expect((await ask(port)).status).toBe(200);
  });

  it('that is not of this machine is LISTEN_FAILED too', async () => {
    const server = createHttpServer({ host: '192.0.2.1', port: 0, pages: PAGES });
    await expect(server.listen()).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  });

  it('is given back at the end, connections and all', async () => {
    const server = createHttpServer({ host: '127.0.0.1', port: 0, pages: PAGES });
    const { port } = await server.listen();
    const { closed } = dial(port);
    await server.close();
    await closed;
    await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
  });
});
