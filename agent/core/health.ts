import { parseInstant } from './instant.ts';
import type { Status } from './status.ts';

export interface Verdict {
  readonly isGood: boolean;
  /** One sentence for people. */
  readonly message: string;
}

/** The loop rests 5 s and backs off for a minute at most: what makes no progress for longer hangs. */
export const STALLED_AFTER_MS = 120_000;

/** Whether the agent itself is alive: its loop made progress lately. Never a matter of S3 or of the engine. */
export function judgeLiveness(progressAt: number, now: number): Verdict {
  const ageMs = Math.max(0, now - progressAt);
  return ageMs <= STALLED_AFTER_MS
    ? { isGood: true, message: 'alive' }
    : { isGood: false, message: `no cycle for ${Math.round(ageMs / 1_000)} s` };
}

/** How old the last good look at the source may be: five polls and a listing. */
export function staleAfterMs(source: {
  readonly pollIntervalMs: number;
  readonly listIntervalMs: number;
}): number {
  return 5 * source.pollIntervalMs + source.listIntervalMs;
}

/** Whether the gateway does its work: it is serving, and looks at the source succeed. */
export function judgeReadiness(status: Status | null, now: number, staleMs: number): Verdict {
  if (status === null) return { isGood: false, message: 'not ready: no cycle is complete yet' };
  if (!status.analytics.serving) {
    return { isGood: false, message: `not ready: the analytics process is ${describe(status)}` };
  }
  const { lastSuccessAt } = status.source;
  const succeededAt = lastSuccessAt === null ? null : parseInstant(lastSuccessAt);
  if (succeededAt === null) return { isGood: false, message: 'not ready: the source has not been read yet' };
  const ageMs = Math.max(0, now - succeededAt);
  return ageMs <= staleMs
    ? { isGood: true, message: 'ready' }
    : { isGood: false, message: `not ready: the source was last read ${Math.round(ageMs / 1_000)} s ago` };
}

function describe({ analytics }: Status): string {
  return analytics.state === 'running' ? 'running, but not serving' : analytics.state;
}
