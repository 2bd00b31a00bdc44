/** The settings that the planner decides by. */
export interface Limits {
  readonly drainMs: number;
  readonly proveMs: number;
  /** For the first start after a boot: volumes from snapshots are slow. */
  readonly proveFirstMs: number;
  readonly stableMs: number;
  readonly spacingMs: number;
  readonly publishStableMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How long a restart request waits for the source to settle. */
export const REQUEST_SETTLE_MS = MINUTE;
/** Delays after which a fingerprint that merely timed out is tried again. */
export const TIMEOUT_RETRY_MS = [5 * MINUTE, 15 * MINUTE, 60 * MINUTE] as const;
/** Exits of a proven fingerprint in `SICK_WINDOW_MS` after which the machine counts as sick. */
export const SICK_EXITS = 5;
export const SICK_WINDOW_MS = 10 * MINUTE;
/** Delays before each further start on a sick machine; the last one repeats. */
export const SICK_START_MS = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE] as const;
/** Exits, each within `DIGEST_EXIT_GAP_MS` of the last, that condemn a release with the proven fingerprint. */
export const DIGEST_EXITS = 3;
export const DIGEST_EXIT_GAP_MS = 10 * MINUTE;
