/**
 * The loop: one cycle at a time, as often as something happens or a deadline is due.
 *
 * INVARIANTS
 * - Reading the source and looking at the engine run beside it; no cycle waits for them.
 * - Only a bug ends it before it is told to end.
 */

import { type AgentError, describeError, ERRORS, toAgentError } from '../core/errors.ts';
import { joinSignals } from '../core/join-signals.ts';
import { isFinished, outcomeOf } from '../core/outcome.ts';
import type { Clock, Log, Notifier } from '../ports.ts';
import type { CycleResult } from './cycle.ts';
import type { Prober } from './prober.ts';
import type { Reporter } from './report.ts';
import type { SourceReader, SourceView } from './source-types.ts';
import type { Triggers } from './triggers.ts';

export interface AgentParts {
  readonly cycle: { run(): Promise<CycleResult> };
  /** After each cycle; null when nothing could be observed. */
  readonly onCycle: (result: CycleResult | null) => void;
  readonly reader: SourceReader;
  readonly prober: Prober;
  readonly reporter: Reporter;
  readonly triggers: Triggers;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  /** What else runs beside the cycle from the first one on, until the signal aborts. */
  readonly beside: readonly { run(signal: AbortSignal): Promise<void> }[];
  /** For `--once`: ends with the outcome, or with 75 after this time. Null: runs until it is told to end. */
  readonly onceWithinMs: number | null;
}

const SECOND = 1_000;
/** Drift and a stopped process are noticed within this time. */
const RESTING_MS = 5 * SECOND;
const BUSY_MS = SECOND;
const LONGEST_BACK_OFF_MS = 60 * SECOND;

/** The source is done when it answered and settled, or failed. */
const isSourceDone = ({ error, settledAt, isSettling, pending }: SourceView): boolean =>
  error !== null || pending !== null || (settledAt !== null && !isSettling);

/** Runs until the signal aborts, or `--once` is over. Resolves with the exit code; rejects with a bug. */
export async function runAgent(parts: AgentParts, outer: AbortSignal): Promise<number> {
  const { cycle, reader, prober, reporter, triggers, clock, log } = parts;
  const inner = new AbortController();
  const { signal } = joinSignals(outer, inner.signal);
  const startedAt = clock.now();
  let failures = 0;
  let isReady = false;
  let endFirstCycle: () => void = () => undefined;
  const firstCycle = new Promise<void>((resolve) => {
    endFirstCycle = resolve;
  });
  signal.addEventListener('abort', () => endFirstCycle());

  const backOffUntil = () =>
    clock.now() + Math.min(LONGEST_BACK_OFF_MS, SECOND * 2 ** Math.min(failures, 10));

  const logFailure = (error: AgentError) => {
    const fields = { event: 'cycle.failed', code: error.code, err: error, hint: ERRORS[error.code].hint };
    log.error(fields, describeError(error));
  };

  /** Null: nothing could be observed; a bug is thrown on. */
  const runCycle = async (): Promise<CycleResult | null> => {
    try {
      return await cycle.run();
    } catch (thrown) {
      const error = toAgentError(thrown);
      if (ERRORS[error.code].disposition === 'crash') throw error;
      failures += 1;
      logFailure(error);
      return null;
    }
  };

  const wakeAfter = ({ observed, plan, error }: CycleResult): number => {
    const now = clock.now();
    if (error !== null) return backOffUntil();
    const { memory, run } = observed;
    const isBusy =
      memory.attempt !== null ||
      memory.drain !== null ||
      run.state === 'stopping' ||
      run.state === 'starting';
    return Math.min(plan.wakeAt ?? Number.POSITIVE_INFINITY, now + (isBusy ? BUSY_MS : RESTING_MS));
  };

  const work = async (): Promise<number> => {
    while (!signal.aborted) {
      const view = reader.view();
      const result = await runCycle();
      parts.onCycle(result);
      if (result === null) {
        // The loop goes on: killing the agent would not help.
        await parts.notifier.watchdog();
        // What cannot be observed may come back with what the source says.
        endFirstCycle();
        await triggers.next(backOffUntil(), signal);
        continue;
      }
      failures = result.error === null ? 0 : failures + 1;
      if (result.error !== null) logFailure(result.error);
      await reporter.report(result, view);
      if (!isReady) {
        isReady = true;
        endFirstCycle();
        log.info(
          { event: 'agent.ready', durationMs: clock.now() - startedAt },
          'the first cycle is complete',
        );
        await parts.notifier.ready(result.plan.reason);
      }
      if (parts.onceWithinMs !== null) {
        const isDone = result.error === null && isSourceDone(view);
        if (isDone && isFinished(result.observed, result.plan.wakeAt)) return outcomeOf(result.observed);
        if (clock.now() - startedAt > parts.onceWithinMs) return 75;
      }
      await triggers.next(wakeAfter(result), signal);
    }
    return 0;
  };

  // The first cycle runs from disk; loading what reads the source would only hold it up.
  const beside = firstCycle.then(() =>
    Promise.all([reader, prober, ...parts.beside].map((one) => one.run(signal))),
  );
  try {
    // A bug in what runs beside the cycle ends the agent as well.
    return await Promise.race([work(), beside.then(() => 0)]);
  } finally {
    inner.abort();
    await beside;
  }
}
