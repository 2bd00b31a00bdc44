import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClock } from '../../agent/adapters/clock.ts';
import { createEngineProbe, type EngineProbeOptions } from '../../agent/adapters/engine-probe.ts';
import type { Probe } from '../../agent/core/run.ts';
import type { RunId } from '../../agent/core/types.ts';
import { createChildRig } from '../support/child-rig.ts';

const RUN = 'run' as RunId;
const SHOP = 'connector.name=datomic\ndatomic.databases=[shop]\n';

interface Engine {
  readonly url: string;
  readonly startedAt: number;
  look(options?: Partial<EngineProbeOptions>, aim?: Partial<Aim>): Promise<Probe>;
  /** Looks with one probe, as the agent does, until the answer is as wanted. */
  lookUntil(isDone: (probe: Probe) => boolean, options?: Partial<EngineProbeOptions>): Promise<Probe>;
}

interface Aim {
  readonly runStartedAt: number;
  readonly catalogs: readonly string[];
  readonly isServingKnown: boolean;
  readonly signal: AbortSignal;
}

const makeProbe = (url: string, options: Partial<EngineProbeOptions>) =>
  createEngineProbe({
    url,
    engineName: () => 'stand-in',
    proofQuery: null,
    clock: createClock(),
    ...options,
  });

/** The stand-in engine as a real process, told to behave like that. */
async function startEngine(
  told: { script?: object; catalog?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Engine> {
  const base = await createChildRig();
  const rig = { ...base, ...{ options: { ...base.options, env: { ...base.options.env, ...told.env } } } };
  await rig.setScript(told.script ?? {});
  rig.setCatalog(told.catalog ?? SHOP);
  const supervisor = rig.create({ env: rig.options.env });
  const startedAt = Date.now();
  await supervisor.start();
  while ((await supervisor.observe()).run.state !== 'running' || rig.starts().length === 0) await sleep(20);
  const aim = (more: Partial<Aim> = {}) => ({
    run: RUN,
    runStartedAt: startedAt,
    catalogs: ['shop'],
    isServingKnown: false,
    signal: new AbortController().signal,
    ...more,
  });
  return {
    url: rig.url,
    startedAt,
    look: (options = {}, more = {}) => makeProbe(rig.url, options).probe(aim(more)),
    lookUntil: async (isDone, options = {}) => {
      const probe = makeProbe(rig.url, options);
      for (const until = Date.now() + 15_000; ; await sleep(25)) {
        const seen = await probe.probe(aim());
        if (isDone(seen)) return seen;
        if (Date.now() > until) throw new Error(`not in time; the last look: ${JSON.stringify(seen)}`);
      }
    },
  };
}

const isServing = ({ state }: Probe) => state === 'serving';

describe('the way of a start', () => {
  test('starting, started but not serving, serving', async () => {
    const engine = await startEngine({ script: { startMs: 700, serveMs: 700 } });
    const states: string[] = [];
    const messages: string[] = [];
    await engine.lookUntil((probe) => {
      if (states.at(-1) !== probe.state) {
        states.push(probe.state);
        messages.push(probe.message);
      }
      return isServing(probe);
    });
    expect(states.filter((state) => state !== 'unreachable')).toEqual(['starting', 'started', 'serving']);
    expect(messages.at(-2)).toContain('No nodes available to run query');
  });

  test.each([
    ['presto', 'stand-in engine 350-stand-in', SHOP],
    ['trino', 'stand-in engine 476-stand-in', SHOP],
    ['presto', 'stand-in engine 350-stand-in', 'connector.name=tpch\n'],
    ['trino', 'stand-in engine 476-stand-in', 'connector.name=tpch\n'],
  ])('%s headers: %s serves with %j', async (style, label, catalog) => {
    const engine = await startEngine({ catalog, env: { STAND_IN_ENGINE: style } });
    const probe = await engine.lookUntil(isServing);
    expect(probe).toMatchObject({
      engine: label,
      missingCatalogs: [],
      queries: [],
      backendError: null,
      run: RUN,
    });
  });

  test('an engine whose version tells nothing is asked with the one header, then with the other', async () => {
    for (const style of ['presto', 'trino']) {
      const engine = await startEngine({ env: { STAND_IN_ENGINE: style, STAND_IN_VERSION: 'home-made' } });
      expect((await engine.lookUntil(isServing)).engine).toBe('engine home-made');
    }
  });

  test('started and never serving stays started', async () => {
    const engine = await startEngine({ catalog: `${SHOP}stand-in.serve-ms=never\n` });
    await engine.lookUntil(({ state }) => state === 'started');
    await sleep(300);
    expect((await engine.look({ splitlessUptimeMs: 0 })).state).toBe('started');
  });
});

describe('what an engine may lack', () => {
  test('a catalog that it does not list is named', async () => {
    const engine = await startEngine({ catalog: `${SHOP}stand-in.hide=true\n` });
    const probe = await engine.lookUntil(({ state }) => state === 'started');
    expect(probe.missingCatalogs).toEqual(['shop']);
    expect(probe.message).toBe('the engine does not list shop');
  });

  test("a backend's own error proves the engine once it has been up for long enough, and is told", async () => {
    const engine = await startEngine({ script: { backendError: 'entry.shop.example: connection refused' } });
    const error = 'shop: entry.shop.example: connection refused';
    const young = await engine.lookUntil(({ backendError }) => backendError !== null);
    expect(young).toMatchObject({ state: 'started', backendError: error });
    const old = await engine.lookUntil(isServing, { splitlessUptimeMs: 100 });
    expect(old.backendError).toBe(error);
  });

  test('with no table at all age has to do', async () => {
    const engine = await startEngine({ catalog: 'connector.name=memory\n' });
    const young = await engine.lookUntil(({ state }) => state === 'started');
    expect(young.message).toBe('no catalog has a table to read');
    expect((await engine.lookUntil(isServing, { splitlessUptimeMs: 100 })).backendError).toBeNull();
  });

  test("the setting's own query is asked instead", async () => {
    const engine = await startEngine();
    await engine.lookUntil(isServing, { proofQuery: 'SELECT count(*) FROM shop.shop.db__attrs' });
    const wrong = await engine.look({ proofQuery: 'SELECT 1 FROM shop.shop.nothing' });
    expect(wrong.state).toBe('started');
    expect(wrong.backendError).toBe(
      "analytics.proofQuery: line 1:15: Table 'shop.shop.nothing' does not exist",
    );
  });
});

describe('queries', () => {
  test('queries of others are told, our own are not', async () => {
    const engine = await startEngine({ script: { queryMs: 60_000 } });
    await engine.lookUntil(isServing);
    const { queries } = await engine.look({}, { isServingKnown: true });
    expect(queries).toEqual([{ id: expect.stringMatching(/^stand_in_/), user: 'analyst' }]);
  });

  test('a proof query that outlives its deadline is cancelled', async () => {
    const engine = await startEngine();
    await engine.lookUntil(isServing);
    const probe = await engine.look({ proofQuery: 'SELECT stand_in_sleep(60000)', proofTimeoutMs: 400 });
    expect(probe.state).toBe('started');
    const headers = { 'X-Presto-User': 'test' };
    const listed = (await (await fetch(`${engine.url}/v1/query`, { headers })).json()) as {
      query: string;
      state: string;
    }[];
    expect(listed.filter(({ query }) => query.includes('sleep')).map(({ state }) => state)).toEqual([
      'FAILED',
    ]);
  });

  test('while serving is known a look asks nothing by SQL', async () => {
    const engine = await startEngine();
    await engine.lookUntil(isServing);
    const count = async () => {
      const answer = await fetch(`${engine.url}/v1/query`, { headers: { 'X-Presto-User': 'test' } });
      return ((await answer.json()) as unknown[]).length;
    };
    const before = await count();
    expect((await engine.look({}, { isServingKnown: true })).state).toBe('serving');
    expect(await count()).toBe(before);
  });
});

describe('what is no answer of this run', () => {
  test('nothing listens', async () => {
    const { url } = await startServer(() => undefined, true);
    const probe = await look(url);
    expect(probe).toMatchObject({ state: 'unreachable', engine: null, message: `${url}: nothing listens` });
  });

  test('a process that is up for longer than this run is another one', async () => {
    const engine = await startEngine();
    await engine.lookUntil(isServing);
    await sleep(2_500);
    const probe = await engine.look({}, { runStartedAt: Date.now() });
    expect(probe.state).toBe('unreachable');
    expect(probe.message).toMatch(
      /^another process answers at .*: it is up for .*, but this run began 0 s ago$/,
    );
  });

  test('an engine that takes connections and never answers is given up in time', async () => {
    const engine = await startEngine({ script: { hang: true } });
    const began = Date.now();
    const probe = await engine.look({ requestTimeoutMs: 300 });
    expect(probe.state).toBe('unreachable');
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test.each([
    ['something else than an engine', '<html>', 'its answer is no JSON'],
    ['JSON of something else', '{"a":1}', 'names no version'],
    ['an answer without end', null, 'over 1000 bytes'],
  ])('%s is no engine', async (_name, body, reason) => {
    const { url } = await startServer((write) => write(body));
    const probe = await look(url);
    expect(probe.state).toBe('unreachable');
    expect(probe.message).toContain(reason);
  });

  test('a body that stalls is given up in time', async () => {
    const { url } = await startServer((write) => write('{"nodeVersion":', false));
    const began = Date.now();
    expect((await look(url)).message).toContain('no complete answer to /v1/info within 300 ms');
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test('an aborted look comes back at once', async () => {
    const engine = await startEngine({ script: { hang: true } });
    const stop = new AbortController();
    const began = Date.now();
    const looking = engine.look({}, { signal: stop.signal });
    stop.abort();
    expect((await looking).state).toBe('unreachable');
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});

const look = (url: string) =>
  makeProbe(url, { requestTimeoutMs: 300, maxBytes: 1_000 }).probe({
    run: RUN,
    runStartedAt: Date.now(),
    catalogs: [],
    isServingKnown: false,
    signal: new AbortController().signal,
  });

/** A server on loopback that answers everything alike; a null body never ends. */
async function startServer(
  answer: (write: (body: string | null, isWhole?: boolean) => void) => void,
  isGone = false,
): Promise<{ readonly url: string }> {
  const server: Server = createServer((_incoming, response) => {
    answer((body, isWhole = true) => {
      if (body !== null) {
        response.write(body);
        if (isWhole) response.end();
        return;
      }
      const timer = setInterval(() => response.write('x'.repeat(500)), 5);
      response.on('close', () => clearInterval(timer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  if (isGone) await close();
  else onTestFinished(close);
  return { url: `http://127.0.0.1:${port}` };
}
