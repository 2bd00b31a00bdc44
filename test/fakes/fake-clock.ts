import type { Clock } from '../../agent/ports.ts';

export interface FakeClock extends Clock {
  /** Lets time pass; everything that sleeps wakes in order, and gets to run before time goes on. */
  advance(ms: number): Promise<void>;
  /** The clock is set, forwards or back, without waking anybody. */
  set(at: number): void;
  /** Lets everything run that can run without time passing. */
  settle(): Promise<void>;
}

const TURNS = 25;

/** A clock that only moves when told. */
export function createFakeClock(startAt = 1_750_000_000_000): FakeClock {
  let now = startAt;
  /** Runs on while `set` jumps: sleeping is not a matter of the wall clock. */
  let elapsed = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  const settle = async () => {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const sleeper = {
          until: elapsed + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        signal.addEventListener('abort', sleeper.wake);
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((left, right) => left.until - right.until)[0];
        if (next === undefined || next.until > end) break;
        now += next.until - elapsed;
        elapsed = next.until;
        next.wake();
        await settle();
      }
      now += end - elapsed;
      elapsed = end;
      await settle();
    },
    set(at) {
      now = at;
    },
    settle,
  };
}
