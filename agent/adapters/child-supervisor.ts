import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { classifyExit } from '../core/engine/exit-kind.ts';
import { countFailures, findRestartDelayMs } from '../core/engine/restart-delay.ts';
import { AgentError, describeError } from '../core/errors.ts';
import type { Exit } from '../core/run.ts';
import type { RunId } from '../core/types.ts';
import type { Supervisor } from '../ports.ts';
import { endLeftover, isAlive, KILL_MS, killDescendants } from './child-end.ts';
import { createChildLog } from './child-log.ts';
import { type ChildRecord, createChildRecordFile } from './child-record.ts';
import {
  type ChildSupervisorOptions,
  describeRun,
  type Life,
  toRunId,
  toSupervisorError,
  waitUntil,
  wasKilledByKernel,
} from './child-run.ts';
import { prepareLife } from './child-start.ts';
import { sendSignal } from './process-table.ts';

/** How long a restart after a crash waits at most for `observe` to have shown the exit. */
const SEEN_MS = 10_000;
/** How long the driver rests when an old child does not end. */
const RETRY_MS = 5_000;

export function createChildSupervisor(options: ChildSupervisorOptions): Supervisor {
  const { clock, runDir, graceMs = 500 } = options;
  const log = createChildLog({
    file: options.logFile ?? join(runDir, 'analytics.log'),
    maxBytes: options.maxLogBytes ?? 16 * 1024 * 1024,
  });
  const recordFile = createChildRecordFile(runDir);
  let isWanted = false;
  let isRestartWanted = false;
  let isClosed = false;
  let life: Life | null = null;
  let leftover: ChildRecord | null = null;
  let lastRun: RunId | null = null;
  let lastExit: Exit | null = null;
  let seenExit: Exit | null = null;
  let problem: AgentError | null = null;
  let failures = 0;
  let delayMs = 0;
  let wake = new AbortController();
  let onEvent: () => void = () => undefined;
  let driving: Promise<void> | null = null;
  let isWoken = false;

  const note = (exit: Exit) => {
    lastExit = exit;
    onEvent();
  };

  const adopt = async () => {
    try {
      for (const dir of [runDir, options.cwd]) await mkdir(dir, { recursive: true, mode: 0o750 });
      const record = await recordFile.read();
      if (record === null) return;
      lastRun = toRunId(record);
      // A dead leader can have left what it started.
      if (await isAlive(record)) leftover = record;
      else await killDescendants(record.token);
    } catch (error) {
      throw toSupervisorError('cannot look for a child of an earlier life', error);
    }
  };

  const endOldChild = async (record: ChildRecord) => {
    await endLeftover({ record, graceMs, clock });
    leftover = null;
    await recordFile.remove();
    note({
      run: toRunId(record),
      at: clock.now(),
      kind: 'clean',
      detail: 'ended by the agent: an earlier life of the agent had left it behind',
      isExpected: true,
    });
  };

  const watchEnd = async (current: Life) => {
    const raw = await current.child.ended;
    current.isReaped = true;
    const uptimeMs = current.age.ms();
    const isKernelOom = await wasKilledByKernel(current, raw.signal);
    await killDescendants(current.record.token);
    // A record that stays behind names a process that is no more: the next life of the agent sees that.
    await recordFile.remove().catch(() => undefined);
    if (!current.isEnding) {
      failures = countFailures(failures, uptimeMs);
      delayMs = findRestartDelayMs(failures);
    }
    life = null;
    note({
      run: current.run,
      at: clock.now(),
      ...classifyExit({ ...raw, isKernelOom }),
      isExpected: current.isEnding,
    });
    wakeUp();
  };

  const end = async (current: Life) => {
    current.isEnding = true;
    onEvent();
    if (!current.isReaped) sendSignal(-current.record.pid, 'SIGTERM');
    const graceOver = new AbortController();
    const isGone = current.gone.then(() => graceOver.abort());
    await clock.sleep(graceMs, graceOver.signal);
    if (!current.isReaped) sendSignal(-current.record.pid, 'SIGKILL');
    await isGone;
  };

  const begin = async () => {
    isRestartWanted = false;
    const copy = await attempt('cannot make the started copy', options.makeStartedCopy);
    if (copy === null || isRestartWanted || !isWanted) return;
    const started = await attempt('cannot start the child', () =>
      prepareLife({ ...options, log, recordFile, previous: lastRun }),
    );
    if (started === null) return;
    life = started;
    lastRun = started.run;
    problem = null;
    delayMs = 0;
    started.child.allow();
    started.gone = watchEnd(started);
    onEvent();
  };

  /** A start that failed before the command ran is no exit: it is tried again, later and later. */
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      problem = toSupervisorError(what, error);
      // Where people look first; without it the log would end with the run before.
      await log.append(describeError(problem)).catch(() => undefined);
      failures += 1;
      delayMs = findRestartDelayMs(failures);
      isWoken = true;
      onEvent();
      return null;
    }
  };

  const step = async () => {
    await adopted;
    if (leftover !== null) await endOldChild(leftover);
    if (life !== null && (!isWanted || isRestartWanted)) await end(life);
    if (!isWanted || life !== null) return;
    if (delayMs > 0) {
      const { signal } = wake;
      await clock.sleep(delayMs, signal);
      // Two exits must never look like one to whoever asks for the newest.
      await waitUntil({ isDone: () => lastExit === seenExit, mostMs: SEEN_MS, clock, signal });
      if (signal.aborted) {
        isWoken = true;
        return;
      }
      delayMs = 0;
    }
    await begin();
  };

  const drive = async () => {
    do {
      isWoken = false;
      try {
        await step();
      } catch (error) {
        problem = toSupervisorError('the child supervisor failed', error);
        onEvent();
        await clock.sleep(RETRY_MS, wake.signal);
        isWoken ||= !isClosed;
      }
    } while (isWoken);
  };

  const wakeUp = () => {
    isWoken = true;
    driving ??= drive().then(() => {
      driving = null;
      // A wish that came in after the driver's last look.
      if (isWoken) wakeUp();
    });
  };

  const wish = async (next: { isWanted: boolean; isRestartWanted: boolean }) => {
    await adopted;
    if (isClosed) throw new AgentError('SUPERVISOR_FAILED', 'the child supervisor is closed');
    ({ isWanted, isRestartWanted } = next);
    delayMs = 0;
    failures = 0;
    wake.abort();
    wake = new AbortController();
    wakeUp();
  };

  const adopted = adopt();
  // Reported by whoever asks; a wish or a look comes first or never.
  adopted.catch(() => undefined);
  wakeUp();

  return {
    observe: async () => {
      await adopted;
      seenExit = lastExit;
      await log.trim();
      if (problem !== null && life === null && (isWanted || leftover !== null)) throw problem;
      return {
        run: describeRun({ life, leftover, isWanted, lastExit }),
        started: await options.readStartedCopy(),
      };
    },
    start: async () => {
      if (!isWanted) await wish({ isWanted: true, isRestartWanted: false });
    },
    restart: () => wish({ isWanted: true, isRestartWanted: true }),
    stop: () => wish({ isWanted: false, isRestartWanted: false }),
    tail: (lines) =>
      log.tail(lines).catch((error: unknown) => {
        throw toSupervisorError('cannot read the log of the child', error);
      }),
    onChange: (callback) => {
      onEvent = callback;
    },
    close: async () => {
      if (!isClosed) await wish({ isWanted: false, isRestartWanted: false });
      isClosed = true;
      const late = new AbortController();
      const done = (async () => {
        while (driving !== null) await driving;
        late.abort();
      })();
      await Promise.race([done, clock.sleep(graceMs + 2 * KILL_MS, late.signal)]);
      if (life !== null || leftover !== null) {
        throw new AgentError('SUPERVISOR_FAILED', 'the child does not end', {
          fields: { pid: life?.record.pid ?? leftover?.pid },
        });
      }
    },
  };
}
