/** Turns the end of a cycle into status, systemd's line and log. Failures to report never stop the work. */
import { buildConditions, type Notes } from '../core/conditions.ts';
import type { Effect } from '../core/effect/effect.ts';
import { describeError, ERRORS, toAgentError } from '../core/errors.ts';
import { buildStatus, type Identity } from '../core/report.ts';
import type { Condition, Status } from '../core/status.ts';
import type { Trouble } from '../core/trouble.ts';
import type { Clock, Log, Notifier, StatusSink } from '../ports.ts';
import type { CycleResult } from './cycle.ts';
import type { SourceView } from './source-types.ts';

const DRIFT_SHOWN_MS = 15 * 60_000;
const MOVE_SHOWN_MS = 60 * 60_000;

export interface ReporterParts {
  readonly sinks: readonly StatusSink[];
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  readonly uri: string;
  readonly identity: () => Promise<Identity>;
  readonly memoryMessage: () => Promise<string>;
  readonly stateSetAside: string | null;
  /** What does not work beside the configuration: a condition each. */
  readonly troubles: () => readonly Trouble[];
  /** Whether the tables of the metaschemas appeared. */
  readonly effect: () => Effect | null;
}

export interface Reporter {
  report(result: CycleResult, view: SourceView): Promise<Status>;
}

export function createReporter(parts: ReporterParts): Reporter {
  const { clock, log } = parts;
  let conditions: readonly Condition[] = [];
  let drift: { at: number; paths: readonly string[] } | null = null;
  let move: { at: number; from: string; to: string } | null = null;
  let group: string | null = null;
  let reason = '';
  let sourceCode: string | null = null;
  let pendingId: string | null = null;

  const logSource = (view: SourceView) => {
    const { error, pending } = view;
    if (error !== null && error.code !== sourceCode) {
      log.warn({ event: 'source.failed', code: error.code, hint: error.hint }, error.message);
    }
    if (error === null && sourceCode !== null)
      log.info({ event: 'source.recovered' }, 'the source answers again');
    sourceCode = error?.code ?? null;
    if (pending !== null && pending.id !== pendingId) {
      log.info(
        { event: 'source.pending', by: pending.by, interrupted: pending.isInterrupted },
        'a sync is under way',
      );
    }
    pendingId = pending?.id ?? null;
  };

  const note = (result: CycleResult, view: SourceView, memoryMessage: string, now: number): Notes => {
    if (result.drift.length > 0) drift = { at: now, paths: result.drift };
    if (drift !== null && now - drift.at > DRIFT_SHOWN_MS) drift = null;
    const name = result.observed.memory.group?.name ?? null;
    if (group !== null && name !== null && name !== group) move = { at: now, from: group, to: name };
    group = name;
    if (move !== null && now - move.at > MOVE_SHOWN_MS) move = null;
    const { error } = result;
    return {
      sourceError: view.error,
      hasSourceAnswered: view.lastSuccessAt !== null,
      pending: view.pending,
      isSettling: view.isSettling,
      stepError:
        error === null
          ? null
          : { code: error.code, message: describeError(error), hint: ERRORS[error.code].hint },
      drift,
      moved: move,
      stateSetAside: parts.stateSetAside,
      troubles: parts.troubles(),
      memoryMessage,
      effect: parts.effect(),
    };
  };

  return {
    report: async (result, view) => {
      const now = clock.now();
      logSource(view);
      const { plan, observed } = result;
      if (result.error === null && plan.reason !== reason) {
        log.info({ event: 'plan.waiting', wakeAt: plan.wakeAt }, plan.reason);
      }
      reason = plan.reason;
      const notes = note(result, view, await parts.memoryMessage(), now);
      conditions = buildConditions(observed, notes, conditions, now);
      const status = buildStatus({
        observed,
        conditions,
        identity: await parts.identity(),
        source: {
          uri: parts.uri,
          groups: view.groups,
          lastPollAt: view.lastPollAt,
          lastSuccessAt: view.lastSuccessAt,
          error: view.error === null ? null : view.error.message,
        },
        reason,
        effect: notes.effect,
        now,
      });
      for (const sink of parts.sinks) {
        try {
          await sink.write(status);
        } catch (thrown) {
          // The gateway works on; who reads the status sees its age.
          const error = toAgentError(thrown);
          log.warn({ event: 'status.failed', code: error.code, err: error }, describeError(error));
        }
      }
      await parts.notifier.status(reason);
      await parts.notifier.watchdog();
      return status;
    },
  };
}
