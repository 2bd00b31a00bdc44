// Whatever a run of the benchmark starts ends with it, also when it is ended by a signal: its processes carry the run's
// name in their environment, and its files lie below one directory. KILL alone cannot be helped.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listChildren } from './processes.mjs';

export const MARK = 'GATEWAY_BENCH_RUN';
const GRACE_MS = 5_000;
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const hasMark = (pid, run) => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${MARK}=${run}`);
  } catch {
    // It has ended, or is another user's.
    return false;
  }
};

const descendantsOf = (pid) => listChildren(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/** Living processes of this run: its descendants, and what they left to the system's first process. */
export function listProcesses(run) {
  const marked = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && hasMark(name, run))
    .map(Number);
  return [...new Set([...marked, ...descendantsOf(process.pid)])].filter((pid) => pid !== process.pid);
}

function signalAll(run, signal) {
  const pids = listProcesses(run);
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended while we looked.
    }
  }
  return pids.length;
}

/** Asks all that still runs to end, and ends what does not. Resolves with how many there were. */
async function endProcesses(run) {
  const count = signalAll(run, 'SIGTERM');
  for (const deadline = performance.now() + GRACE_MS; performance.now() < deadline; await sleep(50)) {
    if (listProcesses(run).length === 0) return count;
  }
  signalAll(run, 'SIGKILL');
  return count;
}

/**
 * Begins a run: everything from here on lies below `root`. `finish` ends what is left and removes it; resolves with the
 * number of processes that a figure forgot.
 */
export function beginRun() {
  const root = mkdtempSync(path.join(os.tmpdir(), 'gateway-bench-'));
  const run = path.basename(root);
  process.env[MARK] = run;
  process.env.TMPDIR = root;
  const finish = async () => {
    const count = await endProcesses(run);
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    return count;
  };
  let isEnding = false;
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (isEnding) return;
      isEnding = true;
      process.stderr.write(`${signal}: ending what was started\n`);
      void finish().finally(() => process.exit(exitCode));
    });
  }
  /** Never resolves once a signal came: what fails then fails because its processes were ended, and is no result. */
  const unlessEnding = () => (isEnding ? new Promise(() => undefined) : Promise.resolve());
  return { root, finish, unlessEnding };
}
