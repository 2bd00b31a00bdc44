import { readdir, readFile } from 'node:fs/promises';

/** A process that lives, as the kernel tells it. Linux only. */
export interface ProcessFacts {
  readonly pid: number;
  /** Clock ticks after boot at which it began: with the pid it names one process of this boot and no other. */
  readonly startTime: number;
}

/** The process with this pid, or null when there is none or it is dead and merely not yet reaped. */
export async function readProcess(pid: number): Promise<ProcessFacts | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (stat === null) return null;
  // The second field is the command in brackets and may hold anything, brackets and blanks too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTime = Number(fields[19]);
  if (state === 'Z' || state === 'X' || !Number.isFinite(startTime)) return null;
  return { pid, startTime };
}

/** Pids of all processes whose environment holds `NAME=value`. Those of other users cannot be read and are left out. */
export async function findProcessesByEnvironment(name: string, value: string): Promise<readonly number[]> {
  const wanted = `${name}=${value}`;
  const entries = await readdir('/proc');
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Gone since it was listed, or not ours.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(wanted) ? pid : null;
    }),
  );
  return found.filter((pid) => pid !== null);
}

/** Changes with each boot; pids and start times of another boot mean nothing. */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
}

/** How many processes the kernel has killed for memory since boot; null where it does not say. */
export async function countKernelOomKills(): Promise<number | null> {
  const text = await readFile('/proc/vmstat', 'latin1').catch(() => '');
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? null : Number(count);
}

/** Sends a signal to a process, or with a negative pid to a group; false when there is none. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
