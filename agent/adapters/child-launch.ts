import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { RawExit } from '../core/engine/exit-kind.ts';
import { readProcess } from './process-table.ts';

/** A child that waits for leave to run its command. */
export interface WaitingChild {
  readonly pid: number;
  readonly startTime: number;
  /** Resolves once it is gone, whether or not it ever got leave. */
  readonly ended: Promise<Omit<RawExit, 'isKernelOom'>>;
  /** Lets it run the command; from then on it is that command, with the same pid and start time. */
  allow(): void;
  /** Sends it away before it ran anything. */
  dismiss(): void;
}

export const TOKEN_VARIABLE = 'GATEWAY_CHILD_TOKEN';

// The child must not run before its pid is on disk, or an agent that is killed in between leaves an orphan that
// nobody finds. So what is spawned is a shell that waits for a word on a pipe. The kernel closes the pipe when the
// agent dies: the shell reads the end of it and goes, having started nothing. With the word it becomes the command
// by exec, which keeps pid and start time, so that what was written down stays true.
const GATE = `IFS= read -r word && [ "$word" = go ] && exec "$@" </dev/null; exit 125`;

/** Variables that speak to the agent itself and would mislead a child. */
const PRIVATE = [
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'INVOCATION_ID',
  'LISTEN_FDS',
  'LISTEN_PID',
];

/** Spawns the gate in a session and process group of its own. Rejects with Node's own error. */
export async function launchChild(options: {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly logFile: string;
}): Promise<WaitingChild> {
  const log = await open(options.logFile, 'a', 0o640);
  try {
    const env = Object.fromEntries(Object.entries(options.env).filter(([name]) => !PRIVATE.includes(name)));
    const child = spawn('/bin/sh', ['-c', GATE, 'gateway-child', ...options.command], {
      cwd: options.cwd,
      env,
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
    });
    const ended = waitForEnd(child);
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const found = await readProcess(pid);
    if (found === null) throw new Error('the child was gone at once');
    const { stdin } = child;
    // A child that dies first closes the pipe; its end is reported as such.
    stdin?.on('error', () => undefined);
    return {
      pid,
      startTime: found.startTime,
      ended,
      allow: () => stdin?.end('go\n'),
      dismiss: () => stdin?.end(),
    };
  } finally {
    await log.close();
  }
}

function waitForEnd(child: ChildProcess): Promise<Omit<RawExit, 'isKernelOom'>> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve({ status, signal }));
  });
}
