import { performance } from 'node:perf_hooks';
import type { Clock } from '../ports.ts';

/** Since when a run runs, told by a clock that nobody sets. */
export interface RunAge {
  /** How long it has been running. */
  ms(): number;
  /** Its start by the wall clock as it is set now; stays the same unless that clock was set. */
  startedAt(): number;
}

/** Differences below this are jitter of two clocks, not a clock that was set. */
const JITTER_MS = 1_000;

/** `ageMs` is how long the run has been running already. */
export function createRunAge(clock: Clock, ageMs = 0): RunAge {
  const bornMs = performance.now() - ageMs;
  let startedAt = clock.now() - ageMs;
  const ms = () => performance.now() - bornMs;
  return {
    ms,
    startedAt: () => {
      const now = clock.now() - ms();
      if (Math.abs(now - startedAt) > JITTER_MS) startedAt = now;
      return Math.round(startedAt);
    },
  };
}
