/** What other programs on the machine can do to the agent: read while it writes, flood, and drop anything. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { FILES, metaschemaOf, ORDERS, startProven, waitForLive } from '../support/rows.ts';

it('who reads the status while it is replaced sees a whole document, whenever that is', async () => {
  const rig = await startProven();
  const file = path.join(rig.root, 'run', 'status.json');
  const seen = new Set<string>();
  let isDone = false;
  const read = async () => {
    while (!isDone) {
      const status = JSON.parse(readFileSync(file, 'utf8')) as { at: string; conditions: unknown[] };
      expect(status.conditions.length).toBeGreaterThan(5);
      seen.add(status.at);
      await sleep(0);
    }
  };
  const readers = [read(), read()];
  // It must be replaced under their eyes, on a busy machine too.
  for (let nth = 1; seen.size <= 5; nth += 1) {
    expect(nth).toBeLessThan(50);
    const text = metaschemaOf(`table${nth}`);
    await rig.sync({ ...FILES, [ORDERS]: text });
    await waitForLive(rig, ORDERS, text);
  }
  isDone = true;
  await Promise.all(readers);
});

it('a change goes live, and readiness is answered again, whatever comes in over HTTP meanwhile', async () => {
  const port = await findFreePort();
  const rig = await startProven({ env: { GATEWAY_HTTP: `127.0.0.1:${port}` } });
  const sockets = new Set<Socket>();
  let isDone = false;
  onTestFinished(() => {
    isDone = true;
    for (const socket of sockets) socket.destroy();
  });
  const dial = async (send: (socket: Socket) => void) => {
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    // To be turned away is one of the answers.
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.on('connect', () => send(socket));
    await Promise.race([closed, sleep(500)]);
    sockets.delete(socket);
    socket.destroy();
  };
  const habits: readonly ((socket: Socket) => void)[] = [
    (socket) => void socket.write(randomBytes(4_096)),
    (socket) => void socket.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n'),
    (socket) => void socket.write(`GET /${'x'.repeat(7_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`),
    (socket) => void socket.write('GET /status HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(50)),
    (socket) =>
      void socket.write('POST /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999\r\n\r\nx'),
    () => undefined,
  ];
  const flood = async (habit: (socket: Socket) => void) => {
    while (!isDone) await dial(habit);
  };
  const flooding = habits.flatMap((habit) => Array.from({ length: 10 }, () => flood(habit)));

  const text = metaschemaOf('flooded');
  await rig.sync({ ...FILES, [ORDERS]: text });
  await waitForLive(rig, ORDERS, text);
  isDone = true;
  await Promise.all(flooding);
  await expect
    .poll(
      () =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(200);
});

it('what lies in the spool by chance costs no more than a refusal, and a request beside it is answered', async () => {
  const rig = await startProven();
  const drop = (id: string, bytes: string | Uint8Array) =>
    writeFileSync(path.join(rig.state, 'requests', `${id}.json`), bytes);
  for (let nth = 0; nth < 40; nth += 1) drop(`noise-${nth}`, randomBytes(nth * 50));
  const SHAPES = ['null', '[]', '{}', '{"kind":"restart","by":{}}', '{"kind":"__proto__"}', '{"kind":1e999}'];
  for (const [nth, text] of SHAPES.entries()) drop(`shape-${nth}`, text);
  drop('deep', '['.repeat(30_000));
  drop('good', JSON.stringify({ kind: 'poll', by: 'test', reason: 'beside all that' }));

  const answerOf = (id: string): { outcome: string; message: string } | null => {
    try {
      return JSON.parse(readFileSync(path.join(rig.state, 'answers', `${id}.json`), 'utf8'));
    } catch {
      // Not answered yet.
      return null;
    }
  };
  await expect.poll(() => answerOf('good')?.outcome, { timeout: 20_000 }).toBe('done');
  await expect.poll(() => answerOf('deep')?.outcome, { timeout: 20_000 }).toBe('refused');
  for (const id of ['noise-39', 'shape-0', 'shape-3', 'shape-4', 'shape-5']) {
    await expect.poll(() => answerOf(id)?.outcome, { timeout: 20_000 }).toBe('refused');
  }
  await rig.waitForProven();
});
