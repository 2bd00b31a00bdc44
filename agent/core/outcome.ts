import type { Observed } from './observed.ts';
import { chooseTarget, isServing } from './plan/facts.ts';

/** Whether `--once` has nothing left to do, once the source is done. */
export function isFinished(observed: Observed, wakeAt: number | null): boolean {
  const { memory } = observed;
  if (memory.attempt !== null || memory.watch !== null || memory.drain !== null) return false;
  if (memory.requests.length > 0) return false;
  // Waiting hours for another try, or for a person, is not waiting for an outcome.
  return wakeAt === null || memory.sick !== null || memory.paused !== null || memory.quarantined.length > 0;
}

/** Exit code of `--once`: 0 done, 65 refused or held, 69 not proven, 75 the source could not be read. */
export function outcomeOf(observed: Observed): number {
  const { memory, source } = observed;
  if (memory.refused !== null || memory.exposure !== null) return 65;
  const isProven = memory.desired !== null && memory.proven?.digest === memory.desired.digest;
  if (source.isUnreachable && chooseTarget(observed) === null) return 75;
  return isProven && isServing(observed) ? 0 : 69;
}
