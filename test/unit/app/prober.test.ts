import { afterEach, describe, expect, it } from 'vitest';
import { createProber } from '../../../agent/app/prober.ts';
import type { Probe } from '../../../agent/core/run.ts';
import type { EngineProbe } from '../../../agent/ports.ts';
import { runId, probe as seen } from '../../fakes/builders.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const ending: AbortController[] = [];
afterEach(() => {
  for (const controller of ending.splice(0)) controller.abort();
});

function createBench() {
  const clock = createFakeClock();
  const asked: { run: string; isServingKnown: boolean }[] = [];
  const answers: { next: (probe: Partial<Probe>) => void; hang: boolean } = {
    next: () => undefined,
    hang: false,
  };
  let answer: Partial<Probe> = {};
  let news = 0;
  const probe: EngineProbe = {
    probe: async ({ run, isServingKnown, signal }) => {
      asked.push({ run, isServingKnown });
      if (answers.hang) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return seen(run, { at: clock.now(), ...answer });
    },
  };
  answers.next = (value) => {
    answer = value;
  };
  const prober = createProber({
    probe,
    clock,
    onResult: () => {
      news += 1;
    },
  });
  const end = new AbortController();
  ending.push(end);
  void prober.run(end.signal);
  const aim = (run: string, everyMs: number) => ({
    run: runId(run),
    runStartedAt: 0,
    catalogs: ['shop'],
    everyMs,
  });
  return { clock, prober, asked, answers, aim, news: () => news };
}

describe('the prober', () => {
  it('looks at nothing until it is told what to look at', async () => {
    const bench = createBench();
    await bench.clock.advance(60_000);
    expect(bench.asked).toEqual([]);
  });

  it('looks at once at a new run, and as often as it is told', async () => {
    const bench = createBench();
    await bench.clock.settle();
    bench.prober.aim(bench.aim('a', 1_000));
    await bench.clock.settle();
    expect(bench.asked).toHaveLength(1);
    await bench.clock.advance(3_000);
    expect(bench.asked).toHaveLength(4);
  });

  it('skips the costly query once the run is known to serve, and asks again for the next run', async () => {
    const bench = createBench();
    bench.prober.aim(bench.aim('a', 1_000));
    await bench.clock.advance(1_000);
    bench.prober.aim(bench.aim('b', 1_000));
    await bench.clock.settle();
    expect(bench.asked.map(({ isServingKnown }) => isServingKnown)).toEqual([false, true, false]);
  });

  it('never shows a look at one run as one at another', async () => {
    const bench = createBench();
    bench.prober.aim(bench.aim('a', 1_000));
    await bench.clock.settle();
    expect(bench.prober.latest(runId('a'))?.state).toBe('serving');
    expect(bench.prober.latest(runId('b'))).toBeNull();
    expect(bench.prober.latest(null)).toBeNull();
  });

  it('calls for a cycle when something is new, and is quiet while nothing is', async () => {
    const bench = createBench();
    bench.prober.aim(bench.aim('a', 10_000));
    await bench.clock.advance(60_000);
    expect(bench.news()).toBe(1);
    bench.answers.next({ state: 'unreachable', message: 'gone' });
    await bench.clock.advance(10_000);
    expect(bench.news()).toBe(2);
  });

  it('keeps one look under way, however slow the engine is', async () => {
    const bench = createBench();
    bench.answers.hang = true;
    bench.prober.aim(bench.aim('a', 250));
    await bench.clock.advance(10_000);
    expect(bench.asked).toHaveLength(1);
  });

  it('keeps what a backend said while it serves, asks it again each minute, and forgets it when it is well', async () => {
    const bench = createBench();
    const latest = () => bench.prober.latest(runId('a'));
    bench.answers.next({ state: 'serving', backendError: 'shop: no route to host' });
    bench.prober.aim(bench.aim('a', 10_000));
    await bench.clock.settle();
    bench.answers.next({ state: 'serving', backendError: null });
    await bench.clock.advance(50_000);
    expect(latest()).toMatchObject({ state: 'serving', backendError: 'shop: no route to host' });
    expect(bench.asked.slice(1).every(({ isServingKnown }) => isServingKnown)).toBe(true);
    await bench.clock.advance(20_000);
    expect(bench.asked.filter(({ isServingKnown }) => !isServingKnown)).toHaveLength(2);
    expect(latest()).toMatchObject({ state: 'serving', backendError: null });
    await bench.clock.advance(120_000);
    expect(bench.asked.filter(({ isServingKnown }) => !isServingKnown)).toHaveLength(2);
  });

  it('does not take serving away because a backend is asked again', async () => {
    const bench = createBench();
    bench.answers.next({ state: 'serving', backendError: 'shop: no route to host' });
    bench.prober.aim(bench.aim('a', 10_000));
    await bench.clock.settle();
    await bench.clock.advance(50_000);
    bench.answers.next({ state: 'started', backendError: 'shop: connection refused' });
    await bench.clock.advance(10_000);
    expect(bench.prober.latest(runId('a'))).toMatchObject({
      state: 'serving',
      backendError: 'shop: connection refused',
    });
  });

  it('asks no backend while somebody waits for the next look', async () => {
    const bench = createBench();
    bench.answers.next({ state: 'serving', backendError: 'shop: no route to host' });
    bench.prober.aim(bench.aim('a', 500));
    await bench.clock.settle();
    await bench.clock.advance(120_000);
    expect(bench.asked.filter(({ isServingKnown }) => !isServingKnown)).toHaveLength(1);
  });
});
