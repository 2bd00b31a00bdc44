/**
 * Looks at the engine beside the cycle and keeps the newest look. A slow or hanging engine delays nothing else.
 *
 * INVARIANTS
 * - At most one look is under way. A look belongs to the run it was begun for; of another run it is dropped.
 * - What serves goes on serving while it answers: only what its backends say is asked again, and only if they failed.
 */
import { joinSignals } from '../core/join-signals.ts';
import type { Probe } from '../core/run.ts';
import type { RunId } from '../core/types.ts';
import type { Clock, EngineProbe } from '../ports.ts';

export interface Aim {
  readonly run: RunId;
  readonly runStartedAt: number;
  readonly catalogs: readonly string[];
  /** Time between two looks. */
  readonly everyMs: number;
}

/** A look at what served before: it serves as long as it answers, and says of its backends what it said last. */
function goOnServing(before: Probe, looked: Probe, isServingKnown: boolean): Probe {
  if (isServingKnown) {
    return looked.state === 'serving' ? { ...looked, backendError: before.backendError } : looked;
  }
  if (looked.state !== 'started') return looked;
  const backendError = looked.backendError ?? before.backendError;
  return { ...looked, state: 'serving', message: before.message, backendError };
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
  let backendAskedAt = 0;
  const RESTING_MS = 5_000;
  const BACKEND_AGAIN_MS = 60_000;

  const look = async (aim: Aim, signal: AbortSignal) => {
    const before = newest?.run === aim.run && newest.state === 'serving' ? newest : null;
    // A backend that is away can keep a query for a minute: not while somebody waits for the next look.
    const isBackendDue =
      before !== null &&
      before.backendError !== null &&
      aim.everyMs >= RESTING_MS &&
      clock.now() - backendAskedAt >= BACKEND_AGAIN_MS;
    const isServingKnown = before !== null && !isBackendDue;
    if (!isServingKnown) backendAskedAt = clock.now();
    const looked = await probe.probe({ ...aim, isServingKnown, signal });
    if (target?.run !== aim.run) return;
    const seen = before === null ? looked : goOnServing(before, looked, isServingKnown);
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
        const either = joinSignals(signal, wake.signal);
        await clock.sleep(everyMs, either.signal);
        either.release();
      }
    },
  };
}
