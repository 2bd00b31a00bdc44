/**
 * Looks at the engine beside the cycle and keeps the newest look. A slow or hanging engine delays nothing else.
 *
 * INVARIANTS
 * - At most one look is under way. A look belongs to the run it was begun for; of another run it is dropped.
 */
import type { Probe } from '../core/observed.ts';
import type { RunId } from '../core/types.ts';
import type { Clock, EngineProbe } from '../ports.ts';

export interface Aim {
  readonly run: RunId;
  readonly runStartedAt: number;
  readonly catalogs: readonly string[];
  /** Time between two looks. */
  readonly everyMs: number;
}

export interface Prober {
  /** What to look at from now on; null: nothing. */
  aim(next: Aim | null): void;
  /** The newest look at this run. */
  latest(run: RunId | null): Probe | null;
  /** Resolves when the signal aborts. Call once. */
  run(signal: AbortSignal): Promise<void>;
}

const isSame = (a: Probe | null, b: Probe): boolean =>
  a !== null && JSON.stringify({ ...a, at: 0 }) === JSON.stringify({ ...b, at: 0 });

/** `onResult` is called after each look that showed something new, and after each one while looks are frequent. */
export function createProber(options: {
  readonly probe: EngineProbe;
  readonly clock: Clock;
  readonly onResult: () => void;
}): Prober {
  const { probe, clock } = options;
  let target: Aim | null = null;
  let newest: Probe | null = null;
  let wake = new AbortController();
  const RESTING_MS = 5_000;

  const look = async (aim: Aim, signal: AbortSignal) => {
    const isServingKnown = newest?.run === aim.run && newest.state === 'serving';
    const seen = await probe.probe({ ...aim, isServingKnown, signal });
    if (target?.run !== aim.run) return;
    const isNews = !isSame(newest, seen);
    newest = seen;
    if (isNews || aim.everyMs < RESTING_MS) options.onResult();
  };

  return {
    aim: (next) => {
      const isSooner =
        next !== null && (target === null || target.run !== next.run || next.everyMs < target.everyMs);
      target = next;
      if (isSooner) wake.abort();
    },
    latest: (run) => (run !== null && newest?.run === run ? newest : null),
    run: async (signal) => {
      while (!signal.aborted) {
        wake = new AbortController();
        const aim = target;
        if (aim !== null) await look(aim, signal);
        const everyMs = target?.everyMs ?? 60_000;
        await clock.sleep(everyMs, AbortSignal.any([signal, wake.signal]));
      }
    },
  };
}
