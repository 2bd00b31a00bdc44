import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import systemdNotify from 'systemd-notify';
import type { Clock, Notifier } from '../ports.ts';

const run = promisify(execFile);
/** A notification that does not come through is no reason to stand still. */
const TIMEOUT_MS = 5_000;

/**
 * Tells systemd through its own program, since Node cannot open the notification socket: READY and STATUS by the
 * systemd-notify package, what that cannot say by the program itself. A no-op without `NOTIFY_SOCKET`. Failures
 * go to `onFailure` and stop nothing.
 */
export function createNotifier(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}): Notifier {
  const { env, clock, onFailure } = options;
  const isOn = env.NOTIFY_SOCKET !== undefined && env.NOTIFY_SOCKET !== '';
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1_000;
  let toldAt = Number.NEGATIVE_INFINITY;
  let told = '';

  const tell = async (send: () => Promise<unknown>) => {
    if (!isOn) return;
    try {
      await send();
    } catch (error) {
      // systemd judges by what arrives; the agent goes on.
      onFailure(error);
    }
  };
  const say = (...words: readonly string[]) => run('systemd-notify', [...words], { timeout: TIMEOUT_MS });

  return {
    ready: (status) => tell(() => systemdNotify({ ready: true, status })),
    status: async (status) => {
      if (status === told) return;
      told = status;
      await tell(() => systemdNotify({ status }));
    },
    watchdog: async () => {
      // Each message is a process: a third of the period is often enough.
      if (watchdogMs === 0 || clock.now() - toldAt < watchdogMs / 3) return;
      toldAt = clock.now();
      await tell(() => say('WATCHDOG=1'));
    },
    stopping: () => tell(() => say('--status=stopping', 'STOPPING=1')),
  };
}
