const FIRST_MS = 1_000;
const MOST_MS = 30_000;
/** A run that stayed up this long starts the doubling over. */
export const HEALTHY_UPTIME_MS = 60_000;

/** How often the process died in a row, this time included. */
export function countFailures(failuresBefore: number, uptimeMs: number): number {
  return uptimeMs >= HEALTHY_UPTIME_MS ? 1 : failuresBefore + 1;
}

/** How long to wait before a process that died by itself is started again: 1 s, doubling, at most 30 s. */
export function findRestartDelayMs(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
}
