import type { Exit, Run } from '../run.ts';
import type { RunId } from '../types.ts';
import { classifyExit } from './exit-kind.ts';

/** What is asked of `systemctl show`. */
export const UNIT_PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'Job',
  'InvocationID',
  'MainPID',
  'NRestarts',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestampMonotonic',
] as const;

export type UnitProperties = Readonly<Record<(typeof UNIT_PROPERTIES)[number], string>>;

/** Signals by number, as Linux numbers them. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
  31: 'SIGSYS',
};
/** `CLD_EXITED` of waitid(2): the status is an exit status, otherwise a signal. */
const EXITED = '1';

/** The output of `systemctl show`, `NAME=value` lines; what is missing is empty. */
export function parseUnitProperties(text: string): UnitProperties {
  const found = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).trim()] as const;
    }),
  );
  return Object.fromEntries(UNIT_PROPERTIES.map((name) => [name, found.get(name) ?? ''])) as UnitProperties;
}

function describeExit(unit: UnitProperties): Pick<Exit, 'kind' | 'detail'> {
  const status = Number(unit.ExecMainStatus);
  const hasExited = unit.ExecMainCode === EXITED;
  const raw = {
    status: hasExited ? status : null,
    signal: hasExited ? null : (SIGNALS[status] ?? `signal ${status}`),
    isKernelOom: unit.Result === 'oom-kill',
  };
  const { kind, detail } = classifyExit(raw);
  return { kind, detail: unit.Result === 'success' ? detail : `${detail} (${unit.Result})` };
}

/** What earlier looks showed, so that each run and each exit is noticed once. */
export interface SeenUnit {
  /** The newest run with a main process of which no end has been told; null when there is none. */
  readonly open: RunId | null;
  /** The newest run of which an end has been told. */
  readonly told: RunId | null;
  readonly restarts: number;
}

export const NOTHING_SEEN: SeenUnit = { open: null, told: null, restarts: 0 };

function stateOf(unit: UnitProperties): Run['state'] {
  const hasJob = unit.Job !== '' && unit.Job !== '0';
  switch (unit.ActiveState) {
    case 'active':
    case 'reloading':
      // The job that was sent has not begun: what runs is on its way out.
      return hasJob ? 'stopping' : 'running';
    case 'activating':
      return 'starting';
    case 'deactivating':
      return 'stopping';
    default:
      if (hasJob) return 'starting';
      return unit.ActiveState === 'failed' && !hasTimedOut(unit) ? 'failed' : 'stopped';
  }
}

/** Only a stop that a job asked for can take too long: then it ends by KILL, and the unit as failed. */
const hasTimedOut = ({ Result }: UnitProperties): boolean => Result === 'timeout';

/** A run as the unit's properties tell it; `startedUs` is on the clock that begins at boot and that nobody sets. */
export interface UnitRun {
  readonly state: Run['state'];
  readonly id: RunId | null;
  readonly pid: number | null;
  readonly startedUs: number | null;
}

/**
 * The run that the properties describe, and the exit that is news since `seen`. `dismissed` is the run that the
 * agent itself has asked systemd to end. As systemd 252 shows it:
 *
 * - While the unit waits to start again, and when it has failed, `ExecMain*` tells how the main process ended, under
 *   the run's own InvocationID. With no start of a main process it was `ExecStartPre` that failed: no exit of a run,
 *   since the release was not even tried.
 * - Another InvocationID without such a state in between: systemd started it again between two looks when
 *   `NRestarts` grew, and how the earlier run ended is no longer told. Otherwise a job ended it.
 * - A stopped unit has no InvocationID: a job ended the run, since what dies by itself is started again or fails.
 */
export function describeUnit(options: {
  readonly unit: UnitProperties;
  readonly seen: SeenUnit;
  readonly dismissed: RunId | null;
  readonly now: number;
}): { readonly run: UnitRun; readonly exit: Exit | null; readonly seen: SeenUnit } {
  const { unit, seen, dismissed, now } = options;
  const id = unit.InvocationID === '' ? null : (unit.InvocationID as RunId);
  const restarts = Number(unit.NRestarts) || 0;
  const mainUs = Number(unit.ExecMainStartTimestampMonotonic) || null;
  const hasEnded = unit.ActiveState === 'failed' || unit.SubState.startsWith('auto-restart');
  const isLive = !hasEnded && unit.ActiveState !== 'inactive';
  const pid = isLive ? Number(unit.MainPID) || null : null;
  const run: UnitRun = {
    state: stateOf(unit),
    id: isLive ? id : null,
    pid,
    startedUs: pid === null ? null : mainUs,
  };

  let exit: Exit | null = null;
  if (hasEnded && id !== null && mainUs !== null) {
    const isExpected = id === dismissed || hasTimedOut(unit);
    if (id !== seen.told) exit = { run: id, at: now, ...describeExit(unit), isExpected };
  } else if (seen.open !== null && id !== seen.open) {
    const isByItself = restarts > seen.restarts && seen.open !== dismissed;
    const end = isByItself
      ? ({ kind: 'crash', detail: 'ended between two looks', isExpected: false } as const)
      : ({ kind: 'clean', detail: 'ended by a job of systemd', isExpected: true } as const);
    exit = { run: seen.open, at: now, ...end };
  }
  const told = exit?.run ?? seen.told;
  // An exit of a newer run is what counts, also when the end of an older one was missed.
  const open = pid !== null ? id : hasEnded || seen.open === told ? null : seen.open;
  return { run, exit, seen: { open, told, restarts } };
}
