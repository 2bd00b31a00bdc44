import type { Clock } from '../../agent/ports.ts';

/** A clock for one life: what slept in a life that is over never wakes. */
export interface LifeClock extends Clock {
  end(): void;
}

export interface VirtualClock {
  now(): number;
  createLife(): LifeClock;
  /** Time passes only while nothing works: `promise` is work until it settles. */
  track<T>(promise: Promise<T>, isDead: () => boolean): Promise<T>;
  /** Sleeps inside a tracked call: a slow disk is no work. */
  pause(ms: number): Promise<void>;
  /** Lets everything run that can run without time passing. */
  idle(): Promise<void>;
  /** Lets time pass up to the next sleeper, at most to `until`; false when `until` was reached. */
  step(until: number): Promise<boolean>;
  /** The wall clock jumps, forwards or back, without waking anybody. */
  jump(ms: number): void;
}

/** A life can end while it is waited for, which settles nothing. */
const LONGEST_WAIT_MS = 5;

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Advances only when everything sleeps, so that hours pass in the time that their work takes. In memory everything that
 * can run has run when an immediate gets its turn; real input and output is waited for where it is tracked.
 */
export function createVirtualClock(startAt: number): VirtualClock {
  let elapsed = 0;
  let offset = startAt;
  let paused = 0;
  const working = new Set<() => boolean>();
  const sleepers = new Set<Sleeper>();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  let onSettled: () => void = () => undefined;
  /** Real input and output takes milliseconds: whoever spins meanwhile takes them from those who answer. */
  const settled = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LONGEST_WAIT_MS);
      onSettled = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const idle = async () => {
    await turn();
    for (;;) {
      // What a dead life waits for is nobody's business.
      for (const isDead of working) if (isDead()) working.delete(isDead);
      if (working.size <= paused) return;
      await settled();
      await turn();
    }
  };

  const createLife = (): LifeClock => {
    let isOver = false;
    const own = new Set<Sleeper>();
    return {
      now: () => offset + elapsed,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (isOver) return;
          if (signal.aborted) return resolve();
          const sleeper: Sleeper = {
            until: elapsed + Math.max(0, ms),
            wake: () => {
              sleepers.delete(sleeper);
              own.delete(sleeper);
              signal.removeEventListener('abort', sleeper.wake);
              if (!isOver) resolve();
            },
          };
          signal.addEventListener('abort', sleeper.wake);
          sleepers.add(sleeper);
          own.add(sleeper);
        }),
      end: () => {
        isOver = true;
        for (const sleeper of own) sleepers.delete(sleeper);
        own.clear();
      },
    };
  };
  const unending = createLife();

  return {
    now: () => offset + elapsed,
    idle,
    createLife,
    pause: async (ms) => {
      paused += 1;
      onSettled();
      await unending.sleep(ms, new AbortController().signal);
      paused -= 1;
    },
    jump: (ms) => {
      offset += ms;
    },
    track: async (promise, isDead) => {
      const token = () => isDead();
      working.add(token);
      try {
        return await promise;
      } finally {
        working.delete(token);
        onSettled();
      }
    },
    step: async (until) => {
      await idle();
      let next: Sleeper | null = null;
      for (const sleeper of sleepers) if (next === null || sleeper.until < next.until) next = sleeper;
      const end = until - offset;
      if (next === null || next.until > end) {
        elapsed = Math.max(elapsed, end);
        return false;
      }
      elapsed = Math.max(elapsed, next.until);
      next.wake();
      return true;
    },
  };
}
