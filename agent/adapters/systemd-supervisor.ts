import { readJournal } from '../core/engine/journal.ts';
import {
  describeUnit,
  NOTHING_SEEN,
  parseUnitProperties,
  type SeenUnit,
  UNIT_PROPERTIES,
  type UnitRun,
} from '../core/engine/unit-properties.ts';
import { AgentError } from '../core/errors.ts';
import type { Exit, Run } from '../core/run.ts';
import type { RunId } from '../core/types.ts';
import type { Clock, StartedCopy, Supervisor } from '../ports.ts';
import { isProcessAlive } from './process-alive.ts';
import { createRunAge, type RunAge } from './run-age.ts';
import type { RunCommand } from './run-command.ts';

/** How long an answer of systemd stands while something may be going on. */
const FRESH_MS = 400;
/** How long it stands while the main process that it named is there. */
const SETTLED_MS = 15_000;
const TAIL_BYTES = 4 * 1024 * 1024;

/**
 * Runs the analytics process as a unit of systemd, by `systemctl` alone: one job a wish, at most one call a look. The
 * unit restarts itself when the process dies, and makes its started copy before each start.
 *
 * INVARIANTS
 * - A job is sent with `--no-block`; nothing here waits for the process.
 * - A look after a job is never an answer from before it.
 * - While the process runs, a look costs one signal 0 to it and no program: its death is noticed at once, and
 *   whatever else a person may do to the unit within `SETTLED_MS`.
 */
export function createSystemdSupervisor(options: {
  readonly unit: string;
  readonly readStartedCopy: () => Promise<StartedCopy | null>;
  readonly runCommand: RunCommand;
  readonly clock: Clock;
}): Supervisor {
  const { unit, runCommand, clock } = options;
  let seen: SeenUnit = NOTHING_SEEN;
  let dismissed: RunId | null = null;
  let lastExit: Exit | null = null;
  let age: { readonly run: RunId; readonly clock: RunAge } | null = null;
  let fresh: { readonly at: number; readonly run: UnitRun } | null = null;
  let asking: Promise<UnitRun> | null = null;
  let jobs = 0;

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
    if (verb !== 'start') dismissed = seen.open;
    try {
      await systemctl(verb, '--no-block', unit);
    } finally {
      // Also an answer that is on its way may be from before the job.
      jobs += 1;
      asking = null;
      fresh = null;
    }
  };

  const ask = async (): Promise<UnitRun> => {
    const jobsBefore = jobs;
    const properties = parseUnitProperties(
      await systemctl('show', `--property=${UNIT_PROPERTIES.join(',')}`, unit),
    );
    if (properties.LoadState !== 'loaded') {
      const fields = { unit, loadState: properties.LoadState };
      throw new AgentError('SUPERVISOR_FAILED', 'the unit is not loaded', { fields });
    }
    const now = clock.now();
    const described = describeUnit({ unit: properties, seen, dismissed, now });
    ({ seen } = described);
    if (described.exit !== null) lastExit = described.exit;
    const { id, startedUs } = described.run;
    if (id !== null && startedUs !== null && age?.run !== id) {
      age = {
        run: id,
        clock: createRunAge(clock, Number(process.hrtime.bigint() / 1_000n - BigInt(startedUs)) / 1_000),
      };
    }
    if (jobs === jobsBefore) fresh = { at: now, run: described.run };
    return described.run;
  };

  const look = async (): Promise<UnitRun> => {
    const ageMs = fresh === null ? -1 : clock.now() - fresh.at;
    if (fresh !== null && ageMs >= 0) {
      const { state, pid } = fresh.run;
      const isSettled = ageMs < SETTLED_MS && state === 'running' && pid !== null && isProcessAlive(pid);
      if (ageMs < FRESH_MS || isSettled) return fresh.run;
    }
    const answer = asking ?? ask();
    asking = answer;
    try {
      return await answer;
    } finally {
      if (asking === answer) asking = null;
    }
  };

  return {
    observe: async () => {
      const { state, id, pid } = await look();
      const startedAt = id !== null && age?.run === id ? age.clock.startedAt() : null;
      const run: Run = { state, id, pid, startedAt, lastExit };
      return { run, started: await options.readStartedCopy() };
    },
    start: () => send('start'),
    restart: () => send('restart'),
    stop: () => send('stop'),
    tail: async (lines) => {
      if (lines <= 0) return [];
      const args = ['--unit', unit, '--lines', String(lines), '--output', 'json', '--no-pager', '--quiet'];
      const fields = '--output-fields=MESSAGE,_SYSTEMD_INVOCATION_ID';
      const { status, stdout, stderr } = await runCommand('journalctl', [...args, fields], {
        maxBytes: TAIL_BYTES,
      });
      // The log only explains; a gateway that may not read it has to go on, and people have to see why it is empty.
      if (status !== 0) return [`(the journal cannot be read: ${stderr.trim().slice(0, 500)})`];
      return readJournal(stdout).slice(-lines);
    },
    // systemd does not call; the cycle looks often enough.
    onChange: () => undefined,
    close: async () => undefined,
  };
}
