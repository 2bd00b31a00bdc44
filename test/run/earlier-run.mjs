// A `make run` that was killed leaves its agent (and S3 server) behind, since they have process groups of their own. The next one
// ends it first; the agent itself then finds and ends its old child.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 100;

const fileOf = (home) => path.join(home, 'processes.json');

/** When a process started, as `ps` says it; null when there is none. A pid alone may be another process by now. */
function readStart(pid) {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // ps ends with 1 when there is no such process.
    return null;
  }
}

function readEarlier(home) {
  try {
    return JSON.parse(readFileSync(fileOf(home), 'utf8'));
  } catch {
    // No earlier run, or one that was cut off while writing this: nothing to end.
    return [];
  }
}

/** Remembers a process that this run started and that has a group of its own. */
export function rememberProcess({ home, name, pid }) {
  const processes = [...readEarlier(home), { name, pid, start: readStart(pid) }];
  writeFileSync(fileOf(home), JSON.stringify(processes));
}

/** All of them have ended. */
export function forgetProcesses({ home }) {
  rmSync(fileOf(home), { force: true });
}

/** Ends what an earlier run left behind, the agent first, since it ends its engine. */
export async function endEarlierRun({ home, say }) {
  for (const { name, pid, start } of readEarlier(home).reverse()) {
    if (start === null || readStart(pid) !== start) continue;
    say(`an earlier run is still there (${name}, pid ${pid}): ending it first`);
    process.kill(pid, 'SIGTERM');
    for (let waitedMs = 0; readStart(pid) === start; waitedMs += POLL_MS) {
      if (waitedMs > STOP_TIMEOUT_MS) process.kill(pid, 'SIGKILL');
      await sleep(POLL_MS);
    }
  }
  forgetProcesses({ home });
}
