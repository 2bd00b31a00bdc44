/** The analytics process of a gateway in memory, under a supervisor that starts it again, with scripted faults. */
import type { Observed } from '../../agent/core/observed.ts';
import type { Exit, Probe, Run, RunningQuery } from '../../agent/core/run.ts';
import type { Fingerprint, ReleaseFacts } from '../../agent/core/types.ts';
import { runId } from './builders.ts';

/** What the engine does with a fingerprint. */
export type Behaviour =
  | 'serves'
  | 'refuses'
  | 'exits'
  | 'never-serves'
  | 'dies-when-stable-is-near'
  | 'hides-a-catalog';

/** Two clocks: people may set the first; the second only ever goes on, and the process lives by it. */
export interface PlanClock {
  now(): number;
  elapsed(): number;
  pass(durationMs: number): void;
  set(byMs: number): void;
}

export function createPlanClock(startMs: number): PlanClock {
  let [now, elapsed] = [startMs, 0];
  return {
    now: () => now,
    elapsed: () => elapsed,
    pass: (durationMs) => {
      now += durationMs;
      elapsed += durationMs;
    },
    set: (byMs) => {
      now += byMs;
    },
  };
}

export type EngineEvent =
  | {
      readonly kind: 'began';
      readonly run: string;
      readonly release: ReleaseFacts;
      /** `automatic`: its supervisor did. */
      readonly cause: string;
      /** The run that was ended for it. */
      readonly replaces: string | null;
      readonly how: Behaviour;
    }
  | { readonly kind: 'ended'; readonly run: string; readonly exit: Exit }
  | { readonly kind: 'serving'; readonly run: string };

interface Process {
  state: Run['state'];
  id: string | null;
  startedAt: number;
  started: ReleaseFacts | null;
  /** When the supervisor starts it again by itself. */
  restartAt: number | null;
  lastExit: Exit | null;
}

const START_MS = 10_000;
const AUTO_RESTART_MS = 5_000;
const DIES_AT_ONCE_MS = 2_000;
const DIES_LATE_MS = START_MS + 20_000;

export function createPlanEngine(options: {
  readonly clock: PlanClock;
  readonly behaviour: Readonly<Record<string, Behaviour>>;
  /** What a start copies: the release that the intent names. */
  readonly intended: () => ReleaseFacts | null;
  readonly onEvent: (event: EngineEvent) => void;
}) {
  const { clock, onEvent } = options;
  let runs = 0;
  let bornAt = 0;
  let restartDueAt: number | null = null;
  let announced: string | null = null;
  const process: Process = {
    state: 'stopped',
    id: null,
    startedAt: 0,
    started: null,
    restartAt: null,
    lastExit: null,
  };

  const behaviourOf = (of: Fingerprint): Behaviour => options.behaviour[of] ?? 'serves';
  /** What this run does it does to its end. */
  let does: Behaviour | null = null;
  const ageMs = () => clock.elapsed() - bornAt;

  const begin = (cause: string, replaces: string | null = null) => {
    const release = options.intended();
    if (release === null) throw new Error('started without an intent');
    runs += 1;
    bornAt = clock.elapsed();
    does = behaviourOf(release.fingerprint);
    restartDueAt = null;
    Object.assign(process, {
      state: 'running',
      id: `run-${runs}`,
      startedAt: clock.now(),
      started: release,
      restartAt: null,
    });
    onEvent({
      kind: 'began',
      run: `run-${runs}`,
      release,
      cause,
      replaces,
      how: does,
    });
  };

  const end = (kind: Exit['kind'], isExpected: boolean) => {
    if (process.id === null) return;
    const exit = { run: runId(process.id), at: clock.now(), kind, detail: kind, isExpected };
    onEvent({ kind: 'ended', run: process.id, exit });
    restartDueAt = isExpected ? null : clock.elapsed() + AUTO_RESTART_MS;
    Object.assign(process, {
      lastExit: exit,
      state: isExpected ? 'stopped' : 'starting',
      id: null,
      restartAt: isExpected ? null : clock.now() + AUTO_RESTART_MS,
    });
  };

  const isServing = () => {
    if (process.state !== 'running') return false;
    return (does === 'serves' || does === 'dies-when-stable-is-near') && ageMs() >= START_MS;
  };

  /** Lets the process do what it does by itself up to now. */
  const live = () => {
    const isDue = restartDueAt !== null && clock.elapsed() >= restartDueAt;
    if (process.state === 'starting' && isDue) begin('automatic');
    if (process.state !== 'running') return;
    if ((does === 'refuses' || does === 'exits') && ageMs() >= DIES_AT_ONCE_MS) end('crash', false);
    if (does === 'dies-when-stable-is-near' && ageMs() >= DIES_LATE_MS) end('crash', false);
    if (isServing() && process.id !== null && announced !== process.id) {
      announced = process.id;
      onEvent({ kind: 'serving', run: process.id });
    }
  };

  const observe = (
    queries: readonly RunningQuery[],
  ): Pick<Observed, 'run' | 'started' | 'probe' | 'refusedCatalog'> => {
    live();
    const { state, started, lastExit } = process;
    const id = process.id === null ? null : runId(process.id);
    const message = isServing() ? 'serving' : 'starting';
    const probe: Probe | null =
      id === null
        ? null
        : {
            run: id,
            at: clock.now(),
            state: isServing() ? 'serving' : 'starting',
            missingCatalogs: does === 'hides-a-catalog' ? ['shop'] : [],
            queries,
            backendError: null,
            engine: 'model',
            message,
          };
    const refusing = does === 'refuses' ? (id ?? lastExit?.run ?? null) : null;
    return {
      run: {
        state,
        id,
        pid: id === null ? null : 1,
        startedAt: id === null ? null : process.startedAt,
        lastExit,
      },
      started: started === null ? null : { digest: started.digest, fingerprint: started.fingerprint },
      probe,
      refusedCatalog:
        refusing !== null && lastExit?.run === refusing
          ? { run: refusing, catalog: 'shop', place: null, message: 'refused' }
          : null,
    };
  };

  return {
    begin,
    end,
    live,
    observe,
    isServing,
    behaviourOf,
    process: (): Readonly<Process> => process,
    /** It does nothing more by itself: only deadlines of others matter. */
    isQuiet: () =>
      process.state === 'stopped' ||
      (process.state === 'running' && ageMs() > Math.max(60_000, DIES_LATE_MS)),
    stop: () => {
      end('clean', true);
      restartDueAt = null;
      Object.assign(process, { state: 'stopped', restartAt: null });
    },
    /** The machine starts anew, and the supervisor knows of nothing before. */
    reboot: () => {
      end('clean', true);
      restartDueAt = null;
      does = null;
      Object.assign(process, { state: 'stopped', restartAt: null, lastExit: null, started: null });
    },
  };
}

export type PlanEngine = ReturnType<typeof createPlanEngine>;
