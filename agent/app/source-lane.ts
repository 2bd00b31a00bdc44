import { chooseBackoffMs } from '../core/backoff.ts';
import { type AgentError, describeError, ERRORS } from '../core/errors.ts';
import type { SourceError } from './source-types.ts';

const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 60_000;

interface Failure {
  readonly error: AgentError;
  readonly since: number;
  readonly failures: number;
}

/** One of the two things that the reader does again and again: when it is due, and how it fails. */
export interface Lane {
  isDue(now: number): boolean;
  /** Milliseconds until it is due; 0 when it is. */
  waitMs(now: number): number;
  isFailing(): boolean;
  failure(): Failure | null;
  succeed(now: number): void;
  fail(error: AgentError, now: number): void;
  /** Due at once, whatever the interval or the back-off. */
  hurry(): void;
  /** After a success: due like after so many failures, or after the interval if that is sooner. */
  comeBack(tries: number): void;
  /** An attempt begins: what was hurried until now is served by it. */
  begin(): void;
}

/** `intervalMs` is the time from the end of one attempt to the next while all is well. */
export function createLane(options: { readonly intervalMs: number; readonly random: () => number }): Lane {
  const { intervalMs, random } = options;
  let endedAt: number | null = null;
  let pauseMs = 0;
  let isHurried = true;
  let failure: Failure | null = null;

  const waitMs = (now: number) => {
    // A clock that went back would stretch the pause: then the lane is due.
    if (isHurried || endedAt === null || now < endedAt) return 0;
    return Math.max(0, endedAt + pauseMs - now);
  };

  const backOffMs = (failures: number) =>
    chooseBackoffMs({ failures, baseMs: BACKOFF_BASE_MS, capMs: BACKOFF_CAP_MS, random: random() });

  return {
    waitMs,
    isDue: (now) => waitMs(now) === 0,
    isFailing: () => failure !== null,
    failure: () => failure,
    begin() {
      isHurried = false;
    },
    hurry() {
      isHurried = true;
    },
    comeBack(tries) {
      pauseMs = Math.min(pauseMs, backOffMs(tries));
    },
    succeed(now) {
      endedAt = now;
      pauseMs = intervalMs;
      failure = null;
    },
    fail(error, now) {
      const failures = (failure?.failures ?? 0) + 1;
      failure = { error, since: failure?.since ?? now, failures };
      endedAt = now;
      pauseMs = backOffMs(failures);
    },
  };
}

/** What both lanes together have to say; the first one's error counts. */
export function describeFailures(lanes: readonly Lane[]): SourceError | null {
  const failures = lanes.flatMap((lane) => lane.failure() ?? []);
  const [first] = failures;
  if (first === undefined) return null;
  const { code } = first.error;
  return {
    code,
    message: describeError(first.error),
    hint: ERRORS[code].hint,
    since: Math.min(...failures.map(({ since }) => since)),
    failures: failures.reduce((sum, { failures: count }) => sum + count, 0),
  };
}
