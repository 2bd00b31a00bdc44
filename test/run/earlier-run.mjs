// A `make run` that was killed leaves its agent behind, since that has a process group of its own. The next one
// ends it first; the agent itself then finds and ends its old child.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const fileOf = (home) => path.join(home, 'agent.json');

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
    return null;
  }
}

export function rememberRun({ home, pid }) {
  writeFileSync(fileOf(home), JSON.stringify({ pid, start: readStart(pid) }));
}

export function forgetRun({ home }) {
  rmSync(fileOf(home), { force: true });
}

export async function endEarlierRun({ home, say }) {
  const earlier = readEarlier(home);
  if (earlier === null || readStart(earlier.pid) !== earlier.start) return;
  say(`an earlier run is still there (agent pid ${earlier.pid}): ending it first`);
  process.kill(earlier.pid, 'SIGTERM');
  for (let waitedMs = 0; readStart(earlier.pid) === earlier.start; waitedMs += 200) {
    if (waitedMs > 20_000) process.kill(earlier.pid, 'SIGKILL');
    await sleep(200);
  }
}
