/**
 * A gateway in memory for tests of the planner: what is durable, one analytics process with scripted faults, a
 * clock that jumps. It checks the rules that the planner must keep, so a wrong order fails without an assertion.
 */
import type { Action, Plan } from '../../agent/core/actions.ts';
import type { Limits } from '../../agent/core/limits.ts';
import { EMPTY_MEMORY, type Memory } from '../../agent/core/memory.ts';
import type { Candidate, Exit, Observed, OpenRequest, Run, RunningQuery } from '../../agent/core/observed.ts';
import { quarantineOf } from '../../agent/core/plan/facts.ts';
import { plan } from '../../agent/core/plan.ts';
import { remember } from '../../agent/core/remember.ts';
import type { Digest, Fingerprint, ReleaseFacts } from '../../agent/core/types.ts';
import { LIMITS, MINUTE, runId, T0 } from './builders.ts';

/** What the engine does with a fingerprint. */
export type Behaviour =
  | 'serves'
  | 'refuses'
  | 'exits'
  | 'never-serves'
  | 'dies-when-stable-is-near'
  | 'hides-a-catalog';

interface Process {
  state: Run['state'];
  id: string | null;
  startedAt: number;
  started: ReleaseFacts | null;
  /** When the supervisor starts it again by itself. */
  restartAt: number | null;
  lastExit: Exit | null;
}

export class StopHere extends Error {}

export interface Answer {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string;
}

const START_MS = 10_000;
const AUTO_RESTART_MS = 5_000;

export function createPlanWorld(options: { limits?: Limits; behaviour?: Record<string, Behaviour> } = {}) {
  const limits = options.limits ?? LIMITS;
  const behaviour: Record<string, Behaviour> = { ...options.behaviour };
  let now = T0;
  let memory: Memory = EMPTY_MEMORY;
  let store: readonly ReleaseFacts[] = [];
  let intent: { release: ReleaseFacts; phase: 'publishing' | 'published' } | null = null;
  let drift: readonly string[] = [];
  let live: Digest | 'mixed' | null = null;
  let candidate: Candidate | null = null;
  let requests: readonly OpenRequest[] = [];
  let queries: readonly RunningQuery[] = [];
  let source = { isUnreachable: false, isPending: false };
  let bootId = 'boot-1';
  let isMemorySufficient = true;
  let runs = 0;
  const answers: Answer[] = [];
  const events: string[] = [];
  const starts: { at: number; digest: Digest; cause: string }[] = [];
  const engine: Process = {
    state: 'stopped',
    id: null,
    startedAt: 0,
    started: null,
    restartAt: null,
    lastExit: null,
  };
  /** Stops the agent before or after the n-th outside effect. */
  let stopAt: { effect: number; when: 'before' | 'middle' | 'after' } | null = null;
  let effects = 0;

  const behaviourOf = (of: Fingerprint): Behaviour => behaviour[of] ?? 'serves';

  const composite = (): ReleaseFacts | null => {
    const { desired, proven } = memory;
    if (desired === null || proven === null) return null;
    const entry = quarantineOf({ memory }, desired);
    if (entry === null || entry.fingerprint === null || entry.digest === desired.digest) return null;
    const metaschemas = /\d+$/.exec(desired.digest)?.[0] ?? '';
    const name = `${proven.fingerprint}${metaschemas}`;
    return { ...desired, digest: name as Digest, fingerprint: proven.fingerprint };
  };

  const begin = (cause: string) => {
    // The started copy is made from the one release that the intent names.
    if (intent === null) throw new Error('started without an intent');
    runs += 1;
    Object.assign(engine, {
      state: 'running',
      id: `run-${runs}`,
      startedAt: now,
      started: intent.release,
      restartAt: null,
    });
    starts.push({ at: now, digest: intent.release.digest, cause });
  };

  const end = (kind: Exit['kind'], isExpected: boolean) => {
    if (engine.id === null) return;
    engine.lastExit = { run: runId(engine.id), at: now, kind, detail: kind, isExpected };
    engine.state = isExpected ? 'stopped' : 'starting';
    engine.id = null;
    engine.restartAt = isExpected ? null : now + AUTO_RESTART_MS;
  };

  /** Lets the process do what it does by itself up to now. */
  const live_ = () => {
    if (engine.state === 'starting' && engine.restartAt !== null && now >= engine.restartAt)
      begin('automatic');
    if (engine.state !== 'running' || engine.started === null) return;
    const age = now - engine.startedAt;
    const how = behaviourOf(engine.started.fingerprint);
    if ((how === 'refuses' || how === 'exits') && age >= 2_000) end('crash', false);
    if (how === 'dies-when-stable-is-near' && age >= START_MS + 20_000) end('crash', false);
  };

  const isServing = () => {
    if (engine.state !== 'running' || engine.started === null) return false;
    const how = behaviourOf(engine.started.fingerprint);
    return (how === 'serves' || how === 'dies-when-stable-is-near') && now - engine.startedAt >= START_MS;
  };

  const observe = (): Observed => {
    live_();
    const id = engine.id === null ? null : runId(engine.id);
    const how = engine.started === null ? null : behaviourOf(engine.started.fingerprint);
    const refusing = how === 'refuses' ? (id ?? engine.lastExit?.run ?? null) : null;
    return {
      limits,
      memory,
      candidate,
      composite: composite(),
      store,
      intent,
      drift,
      run: {
        state: engine.state,
        id,
        pid: id === null ? null : 1,
        startedAt: id === null ? null : engine.startedAt,
        lastExit: engine.lastExit,
      },
      started:
        engine.started === null
          ? null
          : { digest: engine.started.digest, fingerprint: engine.started.fingerprint },
      probe:
        id === null
          ? null
          : {
              run: id,
              at: now,
              state: isServing() ? 'serving' : 'starting',
              missingCatalogs: how === 'hides-a-catalog' ? ['shop'] : [],
              queries,
              backendError: null,
              engine: 'model',
              message: isServing() ? 'serving' : 'starting',
            },
      refusedCatalog:
        refusing !== null && engine.lastExit?.run === refusing
          ? { run: refusing, catalog: 'shop', place: null, message: 'refused' }
          : null,
      startFailure: null,
      log: ['last line'],
      source: {
        group: candidate === null ? memory.group : { name: candidate.group, markAt: candidate.origin.at },
        settledAt: now,
        ...source,
      },
      requests,
      bootId,
      isMemorySufficient,
    };
  };

  const effect = (run: () => void, middle: () => void = () => undefined) => {
    effects += 1;
    const isHere = stopAt?.effect === effects;
    if (isHere && stopAt?.when === 'before') throw new StopHere();
    if (isHere && stopAt?.when === 'middle') {
      middle();
      throw new StopHere();
    }
    run();
    if (isHere && stopAt?.when === 'after') throw new StopHere();
  };

  const facts = (digest: Digest): ReleaseFacts => {
    const found = store.find((known) => known.digest === digest);
    if (found === undefined) throw new Error(`${digest} is not stored`);
    return found;
  };

  const perform = (action: Action) => {
    switch (action.kind) {
      case 'store': {
        const made = [candidate?.release, composite()].find((one) => one?.digest === action.digest);
        if (made === undefined || made === null) throw new Error(`nothing makes ${action.digest}`);
        effect(() => {
          if (!store.some(({ digest }) => digest === made.digest)) store = [...store, made];
        });
        break;
      }
      case 'publish': {
        const release = facts(action.digest);
        effect(
          () => {
            intent = { release, phase: 'published' };
            live = release.digest;
            drift = [];
          },
          () => {
            intent = { release, phase: 'publishing' };
            live = 'mixed';
          },
        );
        break;
      }
      case 'start':
        effect(() => {
          if (engine.state === 'stopped' || engine.state === 'failed') begin(action.cause);
        });
        break;
      case 'restart':
        effect(() => {
          if (engine.id !== null) end('clean', true);
          begin(action.cause);
        });
        break;
      case 'stop':
        effect(() => {
          end('clean', true);
          engine.state = 'stopped';
          engine.restartAt = null;
        });
        break;
      case 'answer':
        effect(() => {
          if (!answers.some(({ id }) => id === action.id)) answers.push(action);
          requests = requests.filter(({ id }) => id !== action.id);
        });
        break;
      default:
        break;
    }
    const next = remember(memory, action);
    if (next !== memory) {
      effect(() => {
        memory = next;
      });
    }
  };

  /** Cycles at this instant until the plan is empty. Returns when to look again. */
  const settle = (): Plan => {
    for (let round = 0; round < 60; round += 1) {
      const next = plan(observe(), now);
      if (next.actions.length === 0) return next;
      for (const action of next.actions) {
        events.push(action.kind);
        perform(action);
      }
    }
    throw new Error(`does not rest: ${events.slice(-12).join(' ')}`);
  };

  /** Lets time pass in steps that an agent with its probes would take. */
  const pass = (durationMs: number) => {
    const until = now + durationMs;
    let last = settle();
    while (now < until) {
      const wakeAt = last.wakeAt === null ? until : Math.max(last.wakeAt, now + 1);
      // Where the process does nothing more by itself, only deadlines matter.
      const isQuiet =
        engine.state === 'stopped' || (engine.state === 'running' && now - engine.startedAt > MINUTE);
      now = Math.min(until, wakeAt, isQuiet ? until : now + 2_000);
      last = settle();
    }
    return last;
  };

  return {
    limits,
    behaviour,
    answers,
    events,
    starts,
    settle,
    pass,
    observe,
    now: () => now,
    /** Time passes and the process lives on, but no agent looks. */
    passWithoutAgent: (durationMs: number) => {
      for (const until = now + durationMs; now < until; now += 1_000) live_();
    },
    memory: () => memory,
    intent: () => intent,
    live: () => live,
    engine: () => ({ ...engine, isServing: isServing() }),
    offer: (next: Candidate | null) => {
      candidate = next;
    },
    change: (
      next: Partial<{ memory: Memory; drift: readonly string[]; queries: readonly RunningQuery[] }>,
    ) => {
      if (next.memory !== undefined) memory = next.memory;
      if (next.drift !== undefined) drift = next.drift;
      if (next.queries !== undefined) queries = next.queries;
    },
    source: (next: Partial<typeof source>) => {
      source = { ...source, ...next };
    },
    request: (id: string, isNow = false) => {
      requests = [...requests, { kind: 'restart', id, by: 'op', reason: 'asked', requestedAt: now, isNow }];
    },
    ask: (request: OpenRequest) => {
      requests = [...requests, request];
    },
    crash: (kind: Exit['kind'] = 'crash') => {
      live_();
      end(kind, false);
    },
    stopByHand: () => {
      end('clean', true);
      engine.state = 'stopped';
    },
    reboot: () => {
      bootId = `boot-${now}`;
      Object.assign(engine, { state: 'stopped', id: null, restartAt: null, lastExit: null, started: null });
    },
    memorySufficient: (is: boolean) => {
      isMemorySufficient = is;
    },
    pause: (until: number | null) => {
      memory = { ...memory, paused: { at: now, by: 'op', reason: 'work', until } };
    },
    resume: () => {
      memory = { ...memory, paused: null };
    },
    retry: () => {
      memory = { ...memory, quarantined: [] };
    },
    stopAgentAt: (next: typeof stopAt) => {
      stopAt = next;
      effects = 0;
    },
    effects: () => effects,
  };
}

export type PlanWorld = ReturnType<typeof createPlanWorld>;
