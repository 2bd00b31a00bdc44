import os from 'node:os';
import { readJournal } from '../core/engine/journal.ts';
import {
  describeUnit,
  parseUnitProperties,
  type SeenUnit,
  UNIT_PROPERTIES,
} from '../core/engine/unit-properties.ts';
import { AgentError } from '../core/errors.ts';
import type { Exit, Run } from '../core/observed.ts';
import type { Clock, StartedCopy, Supervisor } from '../ports.ts';
import type { RunCommand } from './run-command.ts';

/** Several looks of one cycle share one answer of systemd. */
const FRESH_MS = 400;

/**
 * Runs the analytics process as a unit of systemd, by `systemctl` alone: one call a look, one job a wish. The unit
 * restarts itself when the process dies, and makes its started copy before each start.
 *
 * INVARIANTS
 * - A job is sent with `--no-block`; nothing here waits for the process.
 * - A look after a job is never an answer from before it.
 */
export function createSystemdSupervisor(options: {
  readonly unit: string;
  readonly readStartedCopy: () => Promise<StartedCopy | null>;
  readonly runCommand: RunCommand;
  readonly clock: Clock;
}): Supervisor {
  const { unit, runCommand, clock } = options;
  let seen: SeenUnit = { run: null, restarts: 0 };
  let lastExit: Exit | null = null;
  let isOurJob = false;
  let fresh: { readonly at: number; readonly run: Run } | null = null;

  const systemctl = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await runCommand('systemctl', args);
    if (status === 0) return stdout;
    const fields = {
      unit,
      command: `systemctl ${args.join(' ')}`,
      status,
      reason: stderr.trim().slice(0, 500),
    };
    throw new AgentError('SUPERVISOR_FAILED', 'systemctl refused', { fields });
  };

  const send = async (verb: 'start' | 'restart' | 'stop') => {
    isOurJob = verb !== 'start';
    fresh = null;
    await systemctl(verb, '--no-block', unit);
    fresh = null;
  };

  const look = async (): Promise<Run> => {
    const now = clock.now();
    if (fresh !== null && now >= fresh.at && now - fresh.at < FRESH_MS) return fresh.run;
    const properties = parseUnitProperties(
      await systemctl('show', `--property=${UNIT_PROPERTIES.join(',')}`, unit),
    );
    if (properties.LoadState !== 'loaded') {
      const fields = { unit, loadState: properties.LoadState };
      throw new AgentError('SUPERVISOR_FAILED', 'the unit is not loaded', { fields });
    }
    const bootedAt = now - os.uptime() * 1_000;
    const described = describeUnit({ unit: properties, seen, bootedAt, now, isOurJob });
    if (described.run.state === 'running' && described.seen.run !== seen.run) isOurJob = false;
    ({ seen } = described);
    // The first look at an exit tells when; later looks at the same one must not move it.
    if (described.exit !== null && described.exit.run !== lastExit?.run) lastExit = described.exit;
    const run = { ...described.run, lastExit };
    fresh = { at: now, run };
    return run;
  };

  return {
    observe: async () => {
      const run = await look();
      return { run, started: await options.readStartedCopy() };
    },
    start: () => send('start'),
    restart: () => send('restart'),
    stop: () => send('stop'),
    tail: async (lines) => {
      const args = ['--unit', unit, '--lines', String(lines), '--output', 'json', '--no-pager'];
      const fields = '--output-fields=MESSAGE,_SYSTEMD_INVOCATION_ID';
      const { stdout } = await runCommand('journalctl', [...args, fields], { maxBytes: 4 * 1024 * 1024 });
      return readJournal(stdout).slice(-lines);
    },
    // systemd does not call; the cycle looks often enough.
    onChange: () => undefined,
    close: async () => undefined,
  };
}
