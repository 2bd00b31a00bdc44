import { execFile, spawn } from 'node:child_process';
import { judgeSshEnd, type TunnelFailure } from '../core/tunnel/failure.ts';
import { UP_MARK } from '../core/tunnel/ssh-options.ts';
import type { Ssh, SshRun } from '../ports/tunnel.ts';
import { sendSignal } from './process-table.ts';

/** ssh's last words; a chatty `--ssho LogLevel=DEBUG3` must not fill the memory. */
const MAX_SAID = 16 * 1024;
const GRACE_MS = 2_000;

/**
 * Stands between this program and ssh: when this program is gone, whatever ended it, the pipe closes and ssh is ended.
 * ssh itself looks at its input only while a session runs. The reader is a builtin of the shell, so nothing but this
 * shell holds the pipe; its own end is not taken for ours because it is stopped before the shell goes.
 */
const GUARD = `
exec 3<&0 </dev/null
ssh "$@" &
ssh=$!
{ read -r _ <&3; kill "$ssh" 2>/dev/null; } &
reader=$!
exec 3<&-
wait "$ssh"
status=$?
kill "$reader" 2>/dev/null
exit "$status"
`;

/** The system's ssh, each in a process group of its own: Ctrl-C is ours to pass on. `env` is that of this program. */
export function createSsh(options: { readonly env: Readonly<Record<string, string | undefined>> }): Ssh {
  return { start: (args) => startSsh(args, options.env) };
}

function startSsh(args: readonly string[], env: Readonly<Record<string, string | undefined>>): SshRun {
  const child = spawn('/bin/sh', ['-c', GUARD, 'ssh-guard', ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    // LocalCommand and ProxyCommand are run by this shell, whatever the person's own can do.
    env: { ...env, SHELL: '/bin/sh' },
  });
  let said = '';
  let isUp = false;
  let announce: (value: boolean) => void = () => undefined;
  const up = new Promise<boolean>((resolve) => {
    announce = resolve;
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (isUp) return;
    printed = (printed + text).slice(-MAX_SAID);
    if (!printed.includes(UP_MARK)) return;
    isUp = true;
    announce(true);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID);
  });
  // A pipe that breaks because ssh is gone is told of by its end.
  child.stdin.on('error', () => undefined);

  const ended = new Promise<TunnelFailure>((resolve) => {
    const end = (failure: TunnelFailure) => {
      announce(false);
      resolve(failure);
    };
    child.once('error', (error) => end({ kind: 'program-missing', detail: error.message }));
    // 'close', not 'exit': the last words may still be in the pipe. A helper that keeps it open is not waited for.
    child.once('exit', (status) => {
      const settle = () => end(judgeEnd(status, said));
      const timer = setTimeout(settle, GRACE_MS);
      child.once('close', () => {
        clearTimeout(timer);
        settle();
      });
    });
  });

  let stopping: Promise<void> | null = null;
  const stop = async () => {
    const { pid } = child;
    if (pid === undefined) return;
    child.stdin.destroy();
    const killer = setTimeout(() => sendSignal(-pid, 'SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(killer);
    // What ssh itself had started: a proxy command, a LocalCommand that hangs.
    sendSignal(-pid, 'SIGKILL');
  };
  return {
    up,
    ended,
    said: () => said,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** 127 is the shell's word for a program that is not there. */
function judgeEnd(status: number | null, said: string): TunnelFailure {
  const failure = judgeSshEnd(said);
  return status === 127 ? { kind: 'program-missing', detail: failure.detail } : failure;
}

const COMMAND_TIMEOUT_MS = 60_000;

/** Runs one ssh to its end. `status` is null when it was ended: by `signal`, or after a minute. Never rejects. */
export function runSsh(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  return new Promise((resolve) => {
    const options = { env, signal, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 1024 * 1024 };
    execFile('ssh', [...args], options, (error, _stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ status, stderr: stderr === '' && error !== null ? error.message : stderr });
    });
  });
}
