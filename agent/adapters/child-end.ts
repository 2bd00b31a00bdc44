import { AgentError } from '../core/errors.ts';
import type { Clock } from '../ports.ts';
import { TOKEN_VARIABLE } from './child-launch.ts';
import type { ChildRecord } from './child-record.ts';
import { findProcessesByEnvironment, readBootId, readProcess, sendSignal } from './process-table.ts';

const STEP_MS = 50;
/** How long the kernel may take over a KILL. */
export const KILL_MS = 5_000;

/** Whether the child of this record still lives: pid, start time and boot have to agree. */
export async function isAlive(record: ChildRecord): Promise<boolean> {
  const found = await readProcess(record.pid);
  return found?.startTime === record.startTime && record.bootId === (await readBootId());
}

/**
 * Kills whatever the child started and left behind, in whatever group or session: all that carries its token, which
 * is random and was given to that one child only.
 */
export async function killDescendants(token: string): Promise<void> {
  // A process may fork between the look and the kill: look until nothing is left.
  for (let round = 0; round < 10; round += 1) {
    const pids = await findProcessesByEnvironment(TOKEN_VARIABLE, token);
    if (pids.length === 0) return;
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
  }
}

/**
 * Ends the child that an earlier life of the agent left behind: TERM, the grace, then KILL, to its process group,
 * which cannot belong to anybody else while the child lives. Rejects with SUPERVISOR_FAILED when it does not end.
 */
export async function endLeftover(options: {
  readonly record: ChildRecord;
  readonly graceMs: number;
  readonly clock: Clock;
}): Promise<void> {
  const { record, graceMs, clock } = options;
  const never = new AbortController().signal;
  for (const [signal, withinMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', KILL_MS],
  ] as const) {
    if (!(await isAlive(record))) break;
    sendSignal(-record.pid, signal);
    for (let waitedMs = 0; waitedMs < withinMs && (await isAlive(record)); waitedMs += STEP_MS) {
      await clock.sleep(STEP_MS, never);
    }
  }
  await killDescendants(record.token);
  if (await isAlive(record)) {
    const fields = { pid: record.pid };
    throw new AgentError('SUPERVISOR_FAILED', 'the child of an earlier life does not end', { fields });
  }
}
