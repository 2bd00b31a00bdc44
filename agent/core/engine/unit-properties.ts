import type { Exit, Run } from '../observed.ts';
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

/** What an earlier look showed, so that runs and exits in between are noticed. */
export interface SeenUnit {
  readonly run: RunId | null;
  readonly restarts: number;
}

const hasJob = ({ Job }: UnitProperties): boolean => Job !== '' && Job !== '0';

function stateOf(unit: UnitProperties): Run['state'] {
  switch (unit.ActiveState) {
    case 'active':
    case 'reloading':
      // The job that was sent has not begun: what runs is on its way out.
      return hasJob(unit) ? 'stopping' : 'running';
    case 'activating':
      return 'starting';
    case 'deactivating':
      return 'stopping';
    case 'failed':
      return hasJob(unit) ? 'starting' : 'failed';
    default:
      return hasJob(unit) ? 'starting' : 'stopped';
  }
}

/**
 * The run that the properties describe, and its newest exit. `bootedAt` turns the monotonic start into an instant.
 * An exit is one when the unit waits to start again or has failed, or when it was started again by itself since
 * `seen`; `isOurJob` tells that the agent had asked for it.
 */
export function describeUnit(options: {
  readonly unit: UnitProperties;
  readonly seen: SeenUnit;
  readonly bootedAt: number;
  readonly now: number;
  readonly isOurJob: boolean;
}): { readonly run: Omit<Run, 'lastExit'>; readonly exit: Exit | null; readonly seen: SeenUnit } {
  const { unit, seen, bootedAt, now, isOurJob } = options;
  const state = stateOf(unit);
  const id = unit.InvocationID === '' ? null : (unit.InvocationID as RunId);
  const restarts = Number(unit.NRestarts) || 0;
  const isWaiting = unit.SubState.startsWith('auto-restart');
  const isLive = state !== 'stopped' && state !== 'failed' && !isWaiting;
  const pid = Number(unit.MainPID) || 0;
  const startedUs = Number(unit.ExecMainStartTimestampMonotonic) || 0;
  const run = {
    state,
    id: isLive ? id : null,
    pid: isLive && pid > 0 ? pid : null,
    startedAt: isLive && startedUs > 0 ? Math.round(bootedAt + startedUs / 1_000) : null,
  };
  const isExpected = isOurJob && !isWaiting;
  let exit: Exit | null = null;
  if (id !== null && (isWaiting || state === 'failed')) {
    exit = { run: id, at: now, ...describeExit(unit), isExpected };
  } else if (seen.run !== null && id !== seen.run && restarts > seen.restarts) {
    // It died and was started again between two looks: how it died is no longer told.
    exit = { run: seen.run, at: now, kind: 'crash', detail: 'ended between two looks', isExpected: false };
  }
  return { run, exit, seen: { run: id ?? seen.run, restarts } };
}
