/**
 * Sends the newest of something to a place outside, beside the cycle: on change, and slowly otherwise.
 *
 * INVARIANTS
 * - The newest value replaces all that was not sent before it; one attempt at a time.
 * - Nothing here holds up the cycle, and no failure gets further than a condition.
 */
import type { ConditionType } from '../core/condition-types.ts';
import type { Trouble } from '../core/trouble.ts';
import type { Clock, Log, Remote } from '../ports.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { createSleeper, runLastTry } from './sleeper.ts';

export interface Outbox<T> {
  /** `key` is equal for values that say the same. */
  offer(value: T, key: string): void;
  /** Resolves after the signal aborted, and after one last try with what was not sent yet. Call once. */
  run(signal: AbortSignal): Promise<void>;
  trouble(): Trouble | null;
}

export interface OutboxTimes {
  /** Least time between two that differ. */
  readonly gapMs: number;
  /** The same again after this time, and up to an eighth more, so that many gateways do not send in step. */
  readonly heartbeatMs: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

export function createOutbox<T>(options: {
  /** Type of the condition when it fails. */
  readonly type: ConditionType;
  readonly remote: Remote<T>;
  readonly times: OutboxTimes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}): Outbox<T> {
  const { remote, times, clock, random } = options;
  const attempts: Attempts = createAttempts({
    ...options,
    baseMs: times.retryBaseMs,
    capMs: times.retryCapMs,
  });
  const sleeper = createSleeper(clock);
  let offered: { readonly value: T; readonly key: string } | null = null;
  let sent: { readonly key: string; readonly at: number; readonly again: number } | null = null;

  const isNews = () => offered !== null && offered.key !== sent?.key;

  const dueAt = (now: number): number => {
    if (offered === null) return Number.POSITIVE_INFINITY;
    if (attempts.isFailing()) return attempts.retryAt();
    if (sent === null || now < sent.at) return 0;
    return isNews() ? sent.at + times.gapMs : sent.again;
  };

  const attempt = async (signal: AbortSignal) => {
    if (offered === null) return;
    const { value, key } = offered;
    try {
      await remote.send(value, signal);
    } catch (thrown) {
      if (!signal.aborted) attempts.fail(thrown);
      return;
    }
    const at = clock.now();
    sent = { key, at, again: at + times.heartbeatMs * (1 + random() / 8) };
    attempts.succeed();
  };

  return {
    offer(value, key) {
      offered = { value, key };
      if (isNews()) sleeper.wake();
    },
    async run(signal) {
      while (!signal.aborted) {
        const now = clock.now();
        const until = dueAt(now);
        if (now < until) await sleeper.sleepUntil(until, signal);
        else await attempt(signal);
      }
      if (isNews() && !attempts.isFailing()) await runLastTry(clock, attempt);
    },
    trouble: attempts.trouble,
  };
}
