import { AgentError, describeError } from '../core/errors.ts';
import type { Exit, Run } from '../core/run.ts';
import type { RunId } from '../core/types.ts';
import type { Clock, StartedCopy } from '../ports.ts';
import type { WaitingChild } from './child-launch.ts';
import type { ChildRecord } from './child-record.ts';
import { countKernelOomKills } from './process-table.ts';
import type { RunAge } from './run-age.ts';

export interface ChildSupervisorOptions {
  /** Program and arguments; the program is looked up in PATH. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Holds the record of the child and its log. */
  readonly runDir: string;
  /** Told to the child as GATEWAY_STARTED_DIR. */
  readonly startedDir: string;
  readonly makeStartedCopy: () => Promise<StartedCopy>;
  readonly readStartedCopy: () => Promise<StartedCopy | null>;
  readonly clock: Clock;
  /** What the child prints; default `analytics.log` in `runDir`. */
  readonly logFile?: string;
  readonly maxLogBytes?: number;
  /** Between TERM and KILL. Short: a coordinator keeps nothing, and PrestoSQL takes 4 to 5 s to die of TERM. */
  readonly graceMs?: number;
}

/** One life of the child, from leave to run the command until it and all that it started are gone. */
export interface Life {
  readonly run: RunId;
  readonly child: WaitingChild;
  readonly record: ChildRecord;
  readonly age: RunAge;
  readonly oomKillsBefore: number | null;
  /** Resolves when it and all that it started are gone and its exit is noted. */
  gone: Promise<void>;
  isEnding: boolean;
  /** From here on its pid, and with it the number of its group, may be somebody else's. */
  isReaped: boolean;
}

/** Pid and start time name one process of a boot and no other. */
export const toRunId = ({ pid, startTime }: { readonly pid: number; readonly startTime: number }): RunId =>
  `${pid}:${startTime}` as RunId;

/** The child as the port describes it. Without one, a wanted child is about to be started. */
export function describeRun(options: {
  readonly life: Life | null;
  readonly leftover: ChildRecord | null;
  readonly isWanted: boolean;
  readonly lastExit: Exit | null;
}): Run {
  const { life, leftover, isWanted, lastExit } = options;
  if (life !== null) {
    const { run, record, age, isEnding } = life;
    const state = isEnding ? 'stopping' : 'running';
    return { state, id: run, pid: record.pid, startedAt: age.startedAt(), lastExit };
  }
  if (leftover !== null) {
    const { pid, startedAt } = leftover;
    return { state: 'stopping', id: toRunId(leftover), pid, startedAt, lastExit };
  }
  return { state: isWanted ? 'starting' : 'stopped', id: null, pid: null, startedAt: null, lastExit };
}

export const toSupervisorError = (message: string, error: unknown): AgentError =>
  error instanceof AgentError && error.code === 'SUPERVISOR_FAILED'
    ? error
    : new AgentError('SUPERVISOR_FAILED', message, {
        fields: { reason: reasonOf(error) },
        cause: error,
      });

const reasonOf = (error: unknown): string => {
  if (error instanceof AgentError) return describeError(error);
  return error instanceof Error ? error.message : String(error);
};

/** A KILL that nobody here sent, while the kernel was killing for memory. */
export async function wasKilledByKernel(life: Life, signal: string | null): Promise<boolean> {
  if (signal !== 'SIGKILL' || life.isEnding) return false;
  const oomKills = await countKernelOomKills();
  return oomKills !== null && oomKills > (life.oomKillsBefore ?? oomKills);
}

const STEP_MS = 100;

/** Looks again and again until it is done, `mostMs` are over or the signal aborts. */
export async function waitUntil(options: {
  readonly isDone: () => boolean;
  readonly mostMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { isDone, mostMs, clock, signal } = options;
  for (let waitedMs = 0; !isDone() && waitedMs < mostMs && !signal.aborted; waitedMs += STEP_MS) {
    await clock.sleep(STEP_MS, signal);
  }
}
