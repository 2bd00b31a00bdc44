/**
 * Observe, plan, apply, report: once, without waiting for anything.
 *
 * INVARIANTS
 * - A plan is applied in order and left at the first failure; the next cycle plans anew.
 * - What the agent remembers is on disk before the next action begins.
 */
import type { Action, Plan } from '../core/actions.ts';
import { type AgentError, describeError, ERRORS, toAgentError } from '../core/errors.ts';
import { ACTION_EVENTS } from '../core/events.ts';
import { historyOf } from '../core/history.ts';
import type { Memory } from '../core/memory.ts';
import type { Observed } from '../core/observed.ts';
import { short } from '../core/plan/facts.ts';
import { plan } from '../core/plan.ts';
import type { Digest } from '../core/types.ts';
import type { Clock, History, Log, ReleaseStore } from '../ports.ts';
import type { Observer } from './observe.ts';
import type { Aim, Prober } from './prober.ts';
import type { SourceView } from './source-types.ts';

/** More steps than any situation takes; reaching it is a bug. */
const MAX_ROUNDS = 50;

export interface CycleResult {
  readonly observed: Observed;
  readonly plan: Plan;
  /** The step that could not be done, if any. */
  readonly error: AgentError | null;
  /** Live files that were put right. */
  readonly drift: readonly string[];
}

export interface CycleParts {
  readonly observer: Observer;
  readonly apply: (memory: Memory, action: Action) => Promise<Memory>;
  readonly store: ReleaseStore;
  readonly prober: Prober;
  /** Looks for requests, once before the first round. Never rejects. */
  readonly lookForRequests: (memory: Memory) => Promise<void>;
  /** Takes over what another machine saved, once that was read. Never rejects. */
  readonly inherit: (memory: Memory) => Promise<Memory>;
  /** Tells the world where things stand, before an answer does: who has it must find the status up to date. */
  readonly announce: (result: CycleResult) => Promise<void>;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
  readonly view: () => SourceView;
  readonly memory: Memory;
}

const SECOND = 1_000;

/** Until a run serves, each look may be the one; one that never does must not cost a core. */
const LONG_AWAITED_MS = 5 * 60 * SECOND;

/** How often the engine should be looked at. */
function aimAt({ memory, run, intent, probe }: Observed, now: number): Aim | null {
  if (run.id === null || run.state !== 'running') return null;
  const { attempt } = memory;
  const runStartedAt = run.startedAt ?? 0;
  const isServingKnown = probe?.state === 'serving';
  const isBusy = memory.drain !== null || memory.requests.length > 0 || attempt !== null;
  const awaitedMs = now - runStartedAt < LONG_AWAITED_MS ? 250 : 5 * SECOND;
  const everyMs = isServingKnown ? (isBusy ? 500 : 10 * SECOND) : awaitedMs;
  return { run: run.id, runStartedAt, catalogs: intent?.release.catalogs ?? [], everyMs };
}

/** Releases that something still points at. */
function neededReleases({ memory, intent, started, candidate }: Observed): readonly Digest[] {
  const needed = [
    memory.desired?.digest,
    memory.proven?.digest,
    memory.attempt?.digest,
    intent?.release.digest,
    started?.digest,
    candidate?.release?.digest,
    ...Object.values(memory.baselines),
    ...Object.values(memory.kept).map(({ from }) => from),
  ];
  return [...new Set(needed.filter((digest) => digest !== undefined))];
}

/** What a reader of the log wants beside the event's name. */
function fieldsOf(action: Action): Record<string, unknown> {
  switch (action.kind) {
    case 'store':
    case 'publish':
    case 'retry':
      return {
        digest: short(action.digest),
        ...('drift' in action && action.drift.length > 0 ? { paths: action.drift } : {}),
      };
    case 'adopt':
    case 'prove':
      return { digest: short(action.release.digest), by: action.release.origin.by };
    case 'refuse':
      return { issues: action.refusal.issues.slice(0, 20), by: action.refusal.by };
    case 'keep':
      return { paths: action.kept?.paths ?? [] };
    case 'hold':
      return { paths: action.exposure.paths };
    case 'count-exit':
      return { kind: action.exit.kind, detail: action.exit.detail, run: action.exit.run };
    case 'see-run':
      return { run: action.run.id };
    case 'start':
    case 'restart':
      return { cause: action.cause, queriesKilled: action.queriesKilled };
    case 'open-attempt':
      return { digest: short(action.attempt.digest), cause: action.attempt.cause };
    case 'quarantine':
      return {
        digest: short(action.quarantine.digest),
        why: action.quarantine.reason,
        log: action.quarantine.log,
      };
    case 'stop':
    case 'back-off':
    case 'close-attempt':
      return { why: action.why };
    case 'answer':
      return { id: action.id, outcome: action.outcome, why: action.reason };
    case 'move-group':
      return { group: action.group.name };
    default:
      return {};
  }
}

export function createCycle(parts: CycleParts): { run(): Promise<CycleResult> } {
  const { observer, prober, clock, log } = parts;
  let { memory } = parts;
  let isStoreChanged = true;

  const record = async (observed: Observed, before: Memory, action: Action, reason: string) => {
    const requestedBy = (id: string) =>
      [...before.requests, ...observed.requests].find((request) => request.id === id)?.by ?? null;
    const entry = historyOf({ action, memory: before, reason, requestedBy, now: clock.now() });
    if (entry === null) return;
    try {
      await parts.history.append(entry);
    } catch (thrown) {
      // The history is for people: the work goes on without.
      const error = toAgentError(thrown);
      log.warn({ event: 'history.failed', code: error.code, err: error }, describeError(error));
    }
  };

  const applyOne = async (observed: Observed, action: Action, reason: string) => {
    const before = memory;
    memory = await parts.apply(memory, action);
    await record(observed, before, action, reason);
    if (action.kind === 'store') {
      observer.forgetStore();
      isStoreChanged = true;
    }
    const isRepair = action.kind === 'publish' && action.drift.length > 0;
    const { event, level } = isRepair
      ? { event: 'drift.repaired', level: 'warn' as const }
      : ACTION_EVENTS[action.kind];
    log[level]({ event, ...fieldsOf(action) }, reason);
  };

  const prune = async (observed: Observed) => {
    if (!isStoreChanged) return;
    await parts.store.prune(neededReleases(observed));
    observer.forgetStore();
    isStoreChanged = false;
  };

  const run = async (): Promise<CycleResult> => {
    const drift: string[] = [];
    const inherited = await parts.inherit(memory);
    if (inherited !== memory) {
      memory = inherited;
      observer.forgetStore();
      isStoreChanged = true;
    }
    await parts.lookForRequests(memory);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { observed, error: unseen } = await observer.observe(memory, parts.view());
      prober.aim(aimAt(observed, clock.now()));
      const next = plan(observed, clock.now());
      if (next.actions.some(({ kind }) => kind === 'answer')) {
        await parts.announce({ observed, plan: next, error: unseen, drift });
      }
      try {
        for (const action of next.actions) {
          await applyOne(observed, action, next.reason);
          if (action.kind === 'publish') drift.push(...action.drift);
        }
        if (next.actions.length === 0) {
          await prune(observed);
          return { observed, plan: next, error: unseen, drift };
        }
      } catch (thrown) {
        const error = toAgentError(thrown);
        // A bug is not planned around: the agent reports it and ends.
        if (ERRORS[error.code].disposition === 'crash') throw error;
        observer.forgetStore();
        return { observed: { ...observed, memory }, plan: next, error, drift };
      }
    }
    throw toAgentError(new Error(`the plan does not come to rest in ${MAX_ROUNDS} rounds`));
  };

  return { run };
}
