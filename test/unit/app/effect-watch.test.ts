import { afterEach, describe, expect, it } from 'vitest';
import { createEffectWatch } from '../../../agent/app/effect-watch.ts';
import type { EffectAim } from '../../../agent/core/effect/aim.ts';
import type { Release } from '../../../agent/core/release.ts';
import type { Digest } from '../../../agent/core/types.ts';
import type { EngineTables } from '../../../agent/ports/tables.ts';
import { runId } from '../../fakes/builders.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';

const ending: AbortController[] = [];
afterEach(() => {
  for (const controller of ending.splice(0)) controller.abort();
});

const CATALOG = 'connector.name=datomic\ndatomic.databases=[shop]\n';
const METASCHEMA = '{:tables {:order/number {}} :joins {}}';
const aim = (digest: string, run = 'run-1'): EffectAim => ({ digest: digest as Digest, run: runId(run) });

function createBench(options: { catalog?: string; metaschema?: string; withinMs?: number } = {}) {
  const clock = createFakeClock();
  const log = createFakeLog();
  const asked: string[] = [];
  const state = {
    tables: ['db__attrs'] as readonly string[],
    attributes: [':order/numbr'],
    isHanging: false,
    takesMs: 0,
    attributesFail: null as string | null,
    fails: false,
  };
  const answer = async <Value>(signal: AbortSignal, value: Value) => {
    if (state.takesMs > 0) await clock.sleep(state.takesMs, signal);
    if (state.isHanging) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return state.fails || signal.aborted ? ({ kind: 'failed', reason: 'it hangs' } as const) : value;
  };
  const names = (list: readonly string[]) => ({ kind: 'names', names: list }) as const;
  const tables: EngineTables = {
    schemas: async (catalog, signal) => {
      asked.push(`schemas ${catalog}`);
      return answer(signal, names(['information_schema', 'shop']));
    },
    tables: async (catalog, schema, signal) => {
      asked.push(`tables ${catalog}.${schema}`);
      return answer(signal, names(state.tables));
    },
    attributes: async (catalog, schema, signal) => {
      asked.push(`attributes ${catalog}.${schema}`);
      const attributes = new Map(
        state.attributes.map((ident) => [ident, { ident, valueType: null, isMany: false, definedAt: null }]),
      );
      if (state.attributesFail !== null) return { kind: 'failed', reason: state.attributesFail };
      return answer(signal, { kind: 'schema', schema: { path: 'shop.shop', attributes } } as const);
    },
  };
  const encode = (text: string) => new TextEncoder().encode(text);
  const release = {
    etc: [
      { path: 'catalog/shop.properties', bytes: encode(options.catalog ?? CATALOG) },
      { path: 'datomic/orders.edn', bytes: encode(options.metaschema ?? METASCHEMA) },
    ],
  } as unknown as Release;
  let news = 0;
  const watch = createEffectWatch({
    tables,
    store: { read: async (digest) => (digest === 'gone' ? null : release) },
    clock,
    withinMs: options.withinMs ?? 60_000,
    log,
    onResult: () => {
      news += 1;
    },
  });
  const end = new AbortController();
  ending.push(end);
  const running = watch.run(end.signal);
  return { clock, log, watch, asked, state, end, running, news: () => news };
}

const stateOf = ({ watch }: ReturnType<typeof createBench>) => watch.latest()?.metaschemas[0]?.state ?? null;

describe('the effect of metaschemas', () => {
  it('is not looked for while nothing is live', async () => {
    const bench = createBench();
    await bench.clock.advance(300_000);
    expect([bench.asked, bench.watch.latest()]).toEqual([[], null]);
  });

  it('is seen once the tables are there, and then nothing is asked any more', async () => {
    const bench = createBench();
    bench.watch.aim(aim('a'));
    await bench.clock.settle();
    expect(stateOf(bench)).toBe('not-yet');
    bench.state.tables = ['db__attrs', 'order'];
    await bench.clock.advance(5_000);
    expect([stateOf(bench), bench.news()]).toEqual(['seen', 2]);
    const { length } = bench.asked;
    await bench.clock.advance(3_600_000);
    expect(bench.asked).toHaveLength(length);
  });

  it('is missing after its time, with the reason; asks a bounded number of times, then once a minute', async () => {
    const bench = createBench();
    bench.watch.aim(aim('a'));
    await bench.clock.advance(59_999);
    expect(stateOf(bench)).toBe('not-yet');
    expect(bench.asked.length).toBeLessThanOrEqual(2 * 12);
    await bench.clock.advance(1);
    expect(bench.watch.latest()?.metaschemas[0]).toMatchObject({
      state: 'missing',
      reason: 'shop.shop lacks :order/number (did you mean :order/numbr?)',
    });
    const { length } = bench.asked;
    await bench.clock.advance(600_000);
    // Schemas and tables, then schemas and attributes for the reason.
    expect(bench.asked.length - length).toBe(10 * 4);
  });

  it('goes from missing to seen when the database gets the attribute', async () => {
    const bench = createBench();
    bench.watch.aim(aim('a'));
    await bench.clock.advance(60_000);
    await bench.clock.advance(300_000);
    bench.state.tables = ['order'];
    await bench.clock.advance(60_000);
    expect(bench.watch.latest()?.metaschemas[0]).toMatchObject({ state: 'seen', reason: null });
    // Once each, however often it was looked for.
    expect(bench.log.events()).toEqual(['metaschema.missing', 'metaschema.seen']);
  });

  it('is looked for anew when another release is live or another process runs, and not for the same', async () => {
    const bench = createBench();
    bench.watch.aim(aim('a'));
    await bench.clock.advance(60_000);
    expect(stateOf(bench)).toBe('missing');
    bench.watch.aim(aim('a'));
    expect(stateOf(bench)).toBe('missing');
    bench.watch.aim(aim('b'));
    expect(stateOf(bench)).toBeNull();
    await bench.clock.settle();
    expect(stateOf(bench)).toBe('not-yet');
    await bench.clock.advance(60_000);
    bench.watch.aim(aim('b', 'run-2'));
    await bench.clock.settle();
    expect(stateOf(bench)).toBe('not-yet');
  });

  it('ends a look that hangs when something else is live, and tells nothing of it', async () => {
    const bench = createBench();
    bench.state.isHanging = true;
    bench.watch.aim(aim('a'));
    await bench.clock.settle();
    expect(bench.asked).toEqual(['schemas shop']);
    bench.state.isHanging = false;
    bench.state.tables = ['order'];
    bench.watch.aim(aim('b'));
    await bench.clock.settle();
    expect([stateOf(bench), bench.news()]).toEqual(['seen', 1]);
  });

  it('asks nothing more in a look when answers take their time', async () => {
    const databases = Array.from({ length: 20 }, (_, index) => `db${index}`).join(' ');
    const catalog = `connector.name=datomic\ndatomic.databases=[shop ${databases}]\n`;
    const bench = createBench({ catalog });
    bench.state.takesMs = 29_000;
    bench.watch.aim(aim('a'));
    await bench.clock.advance(59_000);
    expect(bench.asked).toEqual(['schemas shop', 'tables shop.shop']);
  });

  it('tells no password that an error quotes', async () => {
    const catalog = `${CATALOG}datomic.client.config={:server-type :peer-server :access-key "k" :secret "hush-hush"}\n`;
    const bench = createBench({ catalog });
    bench.state.attributesFail = 'no access with hush-hush';
    bench.watch.aim(aim('a'));
    await bench.clock.advance(60_000);
    const reason = bench.watch.latest()?.metaschemas[0]?.reason;
    expect(reason).toContain('its schema could not be read (no access with ');
    expect(reason).not.toContain('hush');
  });

  it('is unknown, not missing, where the engine does not answer', async () => {
    const bench = createBench();
    bench.state.fails = true;
    bench.watch.aim(aim('a'));
    await bench.clock.advance(60_000);
    expect(stateOf(bench)).toBe('unknown');
  });

  it.each([
    ['without a Datomic catalog', { catalog: 'connector.name=tpch\n' }],
    ['for a catalog that lists no databases', { catalog: 'connector.name=datomic\n' }],
    ['without a table in any metaschema', { metaschema: ';; nothing' }],
    ['when it is turned off', { withinMs: 0 }],
  ])('is not looked for %s', async (_, options) => {
    const bench = createBench(options);
    bench.watch.aim(aim('a'));
    await bench.clock.advance(120_000);
    expect([bench.asked, bench.watch.latest()]).toEqual([[], null]);
  });

  it('is not looked for in a release that is gone', async () => {
    const bench = createBench();
    bench.watch.aim(aim('gone'));
    await bench.clock.advance(120_000);
    expect(bench.asked).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const bench = createBench();
    bench.watch.aim(aim('a'));
    await bench.clock.settle();
    bench.end.abort();
    await bench.running;
    expect(bench.watch.latest()).not.toBeNull();
  });
});
