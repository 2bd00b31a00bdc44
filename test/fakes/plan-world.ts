/**
 * A gateway in memory for tests of the planner: what is durable, one analytics process with scripted faults, a
 * clock that jumps. It checks the rules that the planner must keep, so a wrong order fails without an assertion.
 */
import type { Action, Plan } from '../../agent/core/actions.ts';
import type { Limits } from '../../agent/core/limits.ts';
import { EMPTY_MEMORY, type Memory } from '../../agent/core/memory.ts';
import type { Candidate, Observed } from '../../agent/core/observed.ts';
import { plan } from '../../agent/core/plan.ts';
import { remember } from '../../agent/core/remember.ts';
import type { Exit, RunningQuery } from '../../agent/core/run.ts';
import type { Digest, ReleaseFacts } from '../../agent/core/types.ts';
import { LIMITS, T0 } from './builders.ts';
import { compositeOf } from './plan-composite.ts';
import { createPlanDisk } from './plan-disk.ts';
import { type Behaviour, createPlanClock, createPlanEngine, type EngineEvent } from './plan-engine.ts';
import { type Answer, createPlanSpool } from './plan-spool.ts';

/** What an onlooker sees happen. */
export type WorldEvent =
  | EngineEvent
  /** `isWhole` false: the agent was stopped in the middle of it. */
  | { readonly kind: 'live'; readonly release: ReleaseFacts; readonly isWhole: boolean }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'remembered'; readonly memory: Memory }
  /** A cycle came to its end: nothing is left to do now. */
  | { readonly kind: 'settled' };

export type Planner = (observed: Observed, now: number) => Plan;

export interface PlanWorldOptions {
  readonly limits?: Limits;
  readonly behaviour?: Record<string, Behaviour>;
  /** The planner of one life of the agent. */
  readonly planner?: () => Planner;
  readonly onEvent?: (event: WorldEvent) => void;
}

export function createPlanWorld(options: PlanWorldOptions = {}) {
  const limits = options.limits ?? LIMITS;
  const behaviour: Record<string, Behaviour> = { ...options.behaviour };
  const createPlanner = options.planner ?? (() => plan);
  const clock = createPlanClock(T0);
  let planner = createPlanner();
  let memory: Memory = EMPTY_MEMORY;
  let judge: (memory: Memory) => Candidate | null = () => null;
  let queries: readonly RunningQuery[] = [];
  let source = { isUnreachable: false, isPending: false };
  let settledAt: number | null = null;
  let bootId = 'boot-1';
  let isMemorySufficient = true;
  const spool = createPlanSpool();
  const events: string[] = [];
  const starts: { at: number; digest: Digest; cause: string }[] = [];

  const tell = (event: WorldEvent) => options.onEvent?.(event);
  const disk = createPlanDisk((release, isWhole) => tell({ kind: 'live', release, isWhole }));
  const engine = createPlanEngine({
    clock,
    behaviour,
    intended: () => disk.intent()?.release ?? null,
    onEvent: (event) => {
      if (event.kind === 'began') {
        starts.push({ at: clock.now(), digest: event.release.digest, cause: event.cause });
      }
      tell(event);
    },
  });

  const observe = (): Observed => {
    const candidate = judge(memory);
    const seen = engine.observe(queries);
    if (!source.isUnreachable && !source.isPending) settledAt = clock.now();
    return {
      limits,
      memory,
      candidate,
      composite: compositeOf(memory),
      store: disk.store(),
      intent: disk.intent(),
      drift: disk.drift(),
      ...seen,
      startFailure: null,
      log: ['last line'],
      source: {
        group: candidate === null ? memory.group : { name: candidate.group, markAt: candidate.origin.at },
        settledAt,
        ...source,
      },
      requests: spool.requests(),
      bootId,
      isMemorySufficient,
    };
  };

  const effectOf = (action: Action) => {
    switch (action.kind) {
      case 'store': {
        const made = [judge(memory)?.release, compositeOf(memory)].find(
          (one) => one?.digest === action.digest,
        );
        if (made === undefined || made === null) throw new Error(`nothing makes ${action.digest}`);
        return disk.write(made);
      }
      case 'publish':
        return disk.publish(action.digest);
      case 'start':
        return disk.effect(() => {
          const { state } = engine.process();
          if (state === 'stopped' || state === 'failed') engine.begin(action.cause);
        });
      case 'restart':
        return disk.effect(() => {
          const replaced = engine.process().id;
          engine.end('clean', true);
          engine.begin(action.cause, replaced);
        });
      case 'stop':
        return disk.effect(engine.stop);
      case 'answer':
        return disk.effect(() => {
          const { id, outcome, reason } = action;
          tell({ kind: 'answered', answer: { id, outcome, reason } });
          spool.answer(action);
        });
      default:
        return undefined;
    }
  };

  const perform = (action: Action) => {
    effectOf(action);
    const next = remember(memory, action);
    if (next === memory) return;
    disk.effect(() => {
      memory = next;
      tell({ kind: 'remembered', memory });
    });
  };

  /** Cycles at this instant until the plan is empty. Returns when to look again. */
  const settle = (): Plan => {
    for (let round = 0; round < 60; round += 1) {
      const next = planner(observe(), clock.now());
      if (next.actions.length === 0) {
        tell({ kind: 'settled' });
        return next;
      }
      for (const action of next.actions) {
        events.push(action.kind);
        perform(action);
      }
    }
    throw new Error(`does not rest: ${events.slice(-12).join(' ')}`);
  };

  /** Lets time pass in steps that an agent with its probes would take. */
  const pass = (durationMs: number) => {
    const until = clock.elapsed() + durationMs;
    let last = settle();
    while (clock.elapsed() < until) {
      const leftMs = until - clock.elapsed();
      const wakeMs = last.wakeAt === null ? leftMs : Math.max(last.wakeAt - clock.now(), 1);
      clock.pass(Math.min(leftMs, wakeMs, engine.isQuiet() ? leftMs : 2_000));
      last = settle();
    }
    return last;
  };

  return {
    limits,
    behaviour,
    answers: spool.answers,
    events,
    starts,
    clock,
    settle,
    pass,
    observe,
    now: clock.now,
    /** Time passes and the process lives on, but no agent looks. */
    passWithoutAgent: (durationMs: number) => {
      for (const until = clock.elapsed() + durationMs; clock.elapsed() < until; engine.live()) {
        clock.pass(1_000);
      }
    },
    memory: () => memory,
    intent: disk.intent,
    live: disk.live,
    engine: () => ({ ...engine.process(), isServing: engine.isServing() }),
    offer: (next: Candidate | null) => {
      judge = () => next;
    },
    /** What gate and guards say of the newest cut, with what the agent remembers. */
    judgeBy: (next: typeof judge) => {
      judge = next;
    },
    change: (
      next: Partial<{ memory: Memory; drift: readonly string[]; queries: readonly RunningQuery[] }>,
    ) => {
      memory = next.memory ?? memory;
      if (next.drift !== undefined) disk.changeByHand(next.drift);
      queries = next.queries ?? queries;
    },
    source: (next: Partial<typeof source>) => {
      source = { ...source, ...next };
    },
    request: (id: string, isNow = false) => {
      const requestedAt = clock.now();
      spool.ask({ kind: 'restart', id, by: 'op', reason: 'asked', requestedAt, isNow });
    },
    ask: spool.ask,
    crash: (kind: Exit['kind'] = 'crash') => {
      engine.live();
      engine.end(kind, false);
    },
    stopByHand: engine.stop,
    reboot: () => {
      bootId = `boot-${clock.elapsed()}`;
      engine.reboot();
    },
    memorySufficient: (is: boolean) => {
      isMemorySufficient = is;
    },
    pause: (until: number | null) => {
      memory = { ...memory, paused: { at: clock.now(), by: 'op', reason: 'work', until } };
    },
    resume: () => {
      memory = { ...memory, paused: null };
    },
    retry: () => {
      memory = { ...memory, quarantined: [] };
    },
    /** Another agent takes over from what is durable. */
    nextAgent: () => {
      planner = createPlanner();
      disk.stopAt(null);
    },
    stopAgentAt: disk.stopAt,
  };
}

export type PlanWorld = ReturnType<typeof createPlanWorld>;
