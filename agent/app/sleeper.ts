import { joinSignals } from '../core/join-signals.ts';
import type { Clock } from '../ports.ts';

/** Timers end at 2^31 ms, and a clock that jumps should be noticed. */
const LONGEST_MS = 60_000;

/** A sleep that can be ended early. A wake-up that comes while nobody sleeps is kept for the next sleep. */
export function createSleeper(clock: Clock) {
  let isAwake = false;
  let wake: () => void = () => undefined;
  return {
    wake: () => {
      isAwake = true;
      wake();
    },
    /** At most a minute, whatever `until` says. */
    sleepUntil: async (until: number, signal: AbortSignal): Promise<void> => {
      if (!isAwake && !signal.aborted) {
        const woken = new AbortController();
        wake = () => woken.abort();
        const ms = Math.min(LONGEST_MS, Math.max(0, until - clock.now()));
        const either = joinSignals(signal, woken.signal);
        await clock.sleep(ms, either.signal);
        either.release();
        wake = () => undefined;
      }
      isAwake = false;
    },
  };
}

const LAST_TRY_MS = 2_000;

/** One last try when the agent ends, with its own short deadline: the signal of the run is aborted by then. */
export async function runLastTry(
  clock: Clock,
  attempt: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const [over, done] = [new AbortController(), new AbortController()];
  const deadline = clock.sleep(LAST_TRY_MS, done.signal).then(() => over.abort());
  await attempt(over.signal);
  done.abort();
  await deadline;
}
