import { chooseBackoffMs } from '../core/backoff.ts';
import type { ConditionType } from '../core/condition-types.ts';
import { type AgentError, describeError, ERRORS, toAgentError } from '../core/errors.ts';
import { type Trouble, troubleOf } from '../core/trouble.ts';
import type { Clock, Log } from '../ports.ts';

/** Failures in a row of one thing that is done again and again beside the cycle. */
export interface Attempts {
  /** `thrown` by the last attempt; a bug is thrown on. */
  fail(thrown: unknown): void;
  succeed(): void;
  /** When the next attempt is due after failures; 0 while there are none. */
  retryAt(): number;
  /** The next attempt is due now. */
  hurry(): void;
  isFailing(): boolean;
  /** Null also after a single failure that may pass by itself. */
  trouble(): Trouble | null;
}

/** `type` is that of the condition. Waits between `baseMs` and `capMs`, longer with each failure. */
export function createAttempts(options: {
  readonly type: ConditionType;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly baseMs: number;
  readonly capMs: number;
}): Attempts {
  const { type, clock, random, log, baseMs, capMs } = options;
  let failure: { readonly error: AgentError; readonly count: number; readonly at: number } | null = null;
  let retryAt = 0;
  let logged: string | null = null;

  const isWorthSaying = (error: AgentError, count: number) =>
    count > 1 || ERRORS[error.code].disposition !== 'retry';

  return {
    fail(thrown) {
      const error = toAgentError(thrown);
      if (ERRORS[error.code].disposition === 'crash') throw error;
      const count = (failure?.count ?? 0) + 1;
      failure = { error, count, at: clock.now() };
      retryAt = clock.now() + chooseBackoffMs({ failures: count, baseMs, capMs, random: random() });
      if (!isWorthSaying(error, count) || logged === error.code) return;
      logged = error.code;
      const { hint } = ERRORS[error.code];
      log.warn({ event: 'beside.failed', what: type, code: error.code, hint }, describeError(error));
    },
    succeed() {
      failure = null;
      retryAt = 0;
      if (logged !== null) log.info({ event: 'beside.recovered', what: type }, 'it works again');
      logged = null;
    },
    // A clock that went back would stretch the wait.
    retryAt: () => (failure === null || clock.now() < failure.at ? 0 : retryAt),
    hurry: () => {
      retryAt = 0;
    },
    isFailing: () => failure !== null,
    trouble: () =>
      failure === null || !isWorthSaying(failure.error, failure.count)
        ? null
        : troubleOf(type, failure.error),
  };
}
