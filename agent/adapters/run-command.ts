import { execFile } from 'node:child_process';
import { AgentError } from '../core/errors.ts';

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell and resolves with what it said, whatever its status. */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options?: { readonly timeoutMs?: number; readonly maxBytes?: number },
) => Promise<CommandResult>;

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

/**
 * Rejects with SUPERVISOR_FAILED when the program cannot be started, does not end within its time (10 s unless told)
 * or prints too much (1 MiB): then it is killed.
 */
export const runCommand: RunCommand = (file, args, options = {}) =>
  new Promise((resolve, reject) => {
    const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = options;
    const settings = { timeout: timeoutMs, maxBuffer: maxBytes, killSignal: 'SIGKILL' as const };
    execFile(file, [...args], settings, (error, stdout, stderr) => {
      // A number is the status of a program that ran; anything else means that it did not, or not to its end.
      if (error === null || typeof error.code === 'number') {
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
        return;
      }
      const message = error.killed ? 'the command did not end in time' : 'the command could not be run';
      const fields = { command: [file, ...args].join(' '), reason: error.message };
      reject(new AgentError('SUPERVISOR_FAILED', message, { fields, cause: error }));
    });
  });
