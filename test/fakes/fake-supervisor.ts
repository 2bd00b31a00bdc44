import { classifyExit, type RawExit } from '../../agent/core/engine/exit-kind.ts';
import { formatRunMarker } from '../../agent/core/engine/run-marker.ts';
import { AgentError } from '../../agent/core/errors.ts';
import type { Exit } from '../../agent/core/run.ts';
import type { RunId } from '../../agent/core/types.ts';
import type { Clock, StartedCopy, Supervisor } from '../../agent/ports.ts';

/** As the journal and a child's log, it does not keep all for ever. */
const MOST_LINES = 1_000;

export interface FakeSupervisor {
  readonly supervisor: Supervisor;
  /** Every job that was accepted, oldest first. */
  readonly jobs: readonly ('start' | 'restart' | 'stop' | 'close')[];
  /** Every run that ever began. */
  readonly runs: readonly RunId[];
  /** The process prints a line. */
  print(line: string): void;
  /** The process ends by itself; it is started again after `againMs`. */
  die(exit: Partial<RawExit>): void;
  /** From here on `observe` rejects, until it is set back. */
  setBroken(isBroken: boolean): void;
}

/**
 * The analytics process in memory, on the clock that it is given: starting, stopping and starting again take their
 * time on it. Held to the same contract as the real supervisors.
 */
export function createFakeSupervisor(options: {
  readonly clock: Clock;
  readonly makeStartedCopy: () => Promise<StartedCopy>;
  readonly startMs?: number;
  readonly stopMs?: number;
  readonly againMs?: number;
  /** Process ids begin here: those of another boot must not come again. */
  readonly firstPid?: number;
  /** A run began. */
  readonly onBegin?: (run: RunId, started: StartedCopy) => void;
}): FakeSupervisor {
  const { clock, makeStartedCopy, startMs = 10, stopMs = 10, againMs = 1_000, firstPid = 1_000 } = options;
  const jobs: ('start' | 'restart' | 'stop' | 'close')[] = [];
  const runs: RunId[] = [];
  const log: string[] = [];
  const print = (line: string) => {
    log.push(line);
    if (log.length > MOST_LINES) log.splice(0, log.length / 2);
  };
  const never = new AbortController().signal;
  let state: 'stopped' | 'starting' | 'running' | 'stopping' = 'stopped';
  let isWanted = false;
  let life: { readonly id: RunId; readonly pid: number; readonly startedAt: number } | null = null;
  let started: StartedCopy | null = null;
  let lastExit: Exit | null = null;
  let problem: AgentError | null = null;
  let isBroken = false;
  let isClosed = false;
  let onEvent: () => void = () => undefined;

  const end = (raw: Partial<RawExit>, isExpected: boolean) => {
    if (life === null) return;
    const exit = classifyExit({ status: null, signal: null, isKernelOom: false, ...raw });
    lastExit = { run: life.id, at: clock.now(), ...exit, isExpected };
    life = null;
    state = isWanted ? 'starting' : 'stopped';
    onEvent();
  };

  const begin = async (afterMs: number): Promise<void> => {
    state = 'starting';
    await clock.sleep(afterMs, never);
    if (!isWanted || life !== null) return;
    try {
      started = await makeStartedCopy();
      problem = null;
    } catch (cause) {
      problem = new AgentError('SUPERVISOR_FAILED', 'cannot make the started copy', { cause });
      await clock.sleep(againMs, never);
      return begin(0);
    }
    const pid = firstPid + runs.length;
    const id = `${pid}:${runs.length}` as RunId;
    print(formatRunMarker({ run: id, previous: runs.at(-1) ?? null }));
    runs.push(id);
    life = { id, pid, startedAt: clock.now() };
    state = 'running';
    options.onBegin?.(id, started);
    onEvent();
  };

  const shutDown = async () => {
    state = 'stopping';
    await clock.sleep(stopMs, never);
    end({ signal: 'SIGTERM' }, true);
  };

  /** Jobs are done one after the other; a restart that waits behind another one adds nothing. */
  let queue: Promise<void> = Promise.resolve();
  let isRestartQueued = false;
  /** A job takes the place of a start that was going to come by itself. */
  let comingByItself = 0;
  const comeByItself = async () => {
    comingByItself += 1;
    const mine = comingByItself;
    await clock.sleep(againMs, never);
    if (mine !== comingByItself) return;
    queue = queue.then(() => (isWanted && life === null ? begin(0) : undefined));
  };
  const accept = (job: 'start' | 'restart' | 'stop') => {
    if (isClosed) throw new AgentError('SUPERVISOR_FAILED', 'the supervisor is closed');
    jobs.push(job);
    comingByItself += 1;
    isWanted = job !== 'stop';
    if (job === 'restart' && isRestartQueued) return;
    if (job === 'restart') isRestartQueued = true;
    queue = queue.then(async () => {
      if (job !== 'start' && life !== null) await shutDown();
      if (job === 'restart') isRestartQueued = false;
      if (job === 'stop') state = 'stopped';
      else if (life === null) await begin(startMs);
    });
    if (life === null && isWanted) state = 'starting';
    else if (job !== 'start') state = life === null ? 'stopped' : 'stopping';
  };

  return {
    jobs,
    runs,
    print,
    die: (raw) => {
      end(raw, false);
      void comeByItself();
    },
    setBroken: (value) => {
      isBroken = value;
    },
    supervisor: {
      observe: async () => {
        if (isBroken) throw new AgentError('SUPERVISOR_FAILED', 'told to be broken');
        if (problem !== null && isWanted) throw problem;
        const run =
          life === null
            ? { state, id: null, pid: null, startedAt: null, lastExit }
            : { state, id: life.id, pid: life.pid, startedAt: life.startedAt, lastExit };
        return { run, started };
      },
      start: async () => {
        if (!isWanted) accept('start');
      },
      restart: async () => accept('restart'),
      stop: async () => accept('stop'),
      tail: async (lines) => (lines <= 0 ? [] : log.slice(-lines)),
      onChange: (callback) => {
        onEvent = callback;
      },
      close: async () => {
        if (isClosed) return;
        accept('stop');
        jobs.push('close');
        isClosed = true;
        await queue;
      },
    },
  };
}
