/**
 * Everything that may call for a cycle: they collapse into one, and none is lost.
 *
 * INVARIANTS
 * - A trigger that comes while a cycle runs leads to another cycle after it.
 */
import { joinSignals } from '../core/join-signals.ts';
import type { Clock } from '../ports.ts';

export interface Triggers {
  /** Asks for a cycle. */
  fire(): void;
  /** Waits for a trigger, or until `until`; null: for a trigger alone. Consumes all triggers so far. */
  next(until: number | null, signal: AbortSignal): Promise<void>;
}

/** Timers end at 2^31 ms; nobody needs a longer nap. */
const LONGEST_NAP_MS = 60 * 60_000;

export function createTriggers(clock: Clock): Triggers {
  let isFired = false;
  let wake: (() => void) | null = null;
  return {
    fire: () => {
      isFired = true;
      wake?.();
    },
    next: async (until, signal) => {
      if (!isFired && !signal.aborted) {
        const woken = new AbortController();
        wake = () => woken.abort();
        const napMs =
          until === null ? LONGEST_NAP_MS : Math.min(LONGEST_NAP_MS, Math.max(0, until - clock.now()));
        const either = joinSignals(signal, woken.signal);
        await clock.sleep(napMs, either.signal);
        either.release();
        wake = null;
      }
      isFired = false;
    },
  };
}
