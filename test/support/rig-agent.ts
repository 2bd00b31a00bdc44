import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended: its status, or the signal that ended it, and all that it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of the agent's log. */
export interface LogLine {
  readonly event?: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** ISO 8601. */
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Program {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly isRunning: () => boolean;
  /** Sends the signal and resolves when the program is gone; after `timeoutMs` it is killed, and that is an error. */
  end(signal: NodeJS.Signals, timeoutMs?: number): Promise<Ended>;
  /** Resolves when the program ends by itself; after `timeoutMs` it is killed, and that is an error. */
  ended(timeoutMs: number): Promise<Ended>;
}

/** Starts a real process and collects what it prints. */
export function startProgram(options: {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}): Program {
  const [file = '', ...args] = options.command;
  const child: ChildProcess = spawn(file, args, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  // 'exit', not 'close': an orphan of a killed agent inherits the pipes and keeps them open.
  const gone = isRunning() ? once(child, 'exit') : Promise.resolve([]);

  const ended = async (timeoutMs: number): Promise<Ended> => {
    const late = Symbol('late');
    let timer: NodeJS.Timeout | undefined;
    const first = await Promise.race([
      gone,
      new Promise((resolve) => {
        timer = setTimeout(resolve, timeoutMs, late);
      }),
    ]);
    clearTimeout(timer);
    if (first === late) {
      child.kill('SIGKILL');
      await gone;
      throw new Error(`still running after ${timeoutMs} ms\n${stdout.slice(-4000)}\n${stderr.slice(-2000)}`);
    }
    // What was printed last may still be in the pipe.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  };

  return {
    pid: child.pid ?? -1,
    stdout: () => stdout,
    stderr: () => stderr,
    isRunning,
    ended,
    async end(signal, timeoutMs = 20_000) {
      child.kill(signal);
      return ended(timeoutMs);
    },
  };
}

/** The JSON lines among the lines of a text. Lines that are no JSON belong to the engine's own output. */
export function parseLog(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogLine);
}
