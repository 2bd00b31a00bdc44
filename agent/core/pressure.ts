/** Memory that gets short, told before the kernel ends a process for it. Pure. */

/** Shares of time, in percent, that `some` or all (`full`) runnable tasks waited for memory: pressure stall information. */
export interface Stall {
  readonly some10: number;
  readonly some60: number;
  readonly full10: number;
  readonly full60: number;
}

export interface MemoryReading {
  readonly machine: {
    /** Null where the kernel does not tell. */
    readonly stall: Stall | null;
    readonly totalBytes: number;
    /** What the kernel can give without ending anything. */
    readonly availableBytes: number;
  } | null;
  /** Of the control group that the analytics process runs in; null without one. */
  readonly group: {
    readonly stall: Stall | null;
    /** What cannot be given back at once: usage without the page cache that is not in use. */
    readonly workingSetBytes: number;
    /** Null without a limit. */
    readonly limitBytes: number | null;
  } | null;
}

export interface Pressure {
  /** CamelCase, for the condition. */
  readonly reason: 'NearLimit' | 'MachineNearlyFull' | 'AnalyticsStalls' | 'MachineStalls';
  /** One sentence for people. */
  readonly message: string;
}

/**
 * Stalls rise on what the last ten seconds show, so that they are told in time, and fall on what the last minute
 * shows, and well below, so that they do not flap. Recorded (test/cases/pressure): below 3 % while nothing is short,
 * 11 % in a JVM a moment before the kernel ended it.
 */
const STALLS = { rises: { some: 10, full: 5 }, falls: { some: 3, full: 1 } } as const;
/**
 * Without swap a process that grows is ended before anything stalls, so what is left is watched, too. In percent: of
 * the limit in use, of the machine's memory available.
 */
const NEAR_LIMIT = { rises: 97, falls: 94 } as const;
const AVAILABLE = { rises: 3, falls: 5 } as const;

/** Reads `/proc/pressure/memory` or a group's `memory.pressure`; null when it is none. */
export function parseStall(text: string): Stall | null {
  const read = (kind: 'some' | 'full') => {
    const found = new RegExp(`^${kind} avg10=(\\d+\\.\\d+) avg60=(\\d+\\.\\d+) `, 'm').exec(text);
    return found === null ? null : ([Number(found[1]), Number(found[2])] as const);
  };
  const [some, full] = [read('some'), read('full')];
  if (some === null || full === null) return null;
  return { some10: some[0], some60: some[1], full10: full[0], full60: full[1] };
}

/** What is said after this reading; `before` is what was said until now. The worst first: what ends a process. */
export function judgePressure(before: Pressure | null, reading: MemoryReading): Pressure | null {
  return (
    nearLimit(before, reading) ??
    nearlyFull(before, reading) ??
    analyticsStalls(before, reading) ??
    machineStalls(before, reading)
  );
}

function nearLimit(before: Pressure | null, { group }: MemoryReading): Pressure | null {
  if (group === null || group.limitBytes === null || group.limitBytes === 0) return null;
  const percent = (100 * group.workingSetBytes) / group.limitBytes;
  if (percent < (before?.reason === 'NearLimit' ? NEAR_LIMIT.falls : NEAR_LIMIT.rises)) return null;
  const message = `the analytics process has ${mib(group.workingSetBytes)} of the ${mib(group.limitBytes)} that it may have; at the limit the kernel ends it`;
  return { reason: 'NearLimit', message: `${message}. ${ADVICE}` };
}

function nearlyFull(before: Pressure | null, { machine }: MemoryReading): Pressure | null {
  if (machine === null || machine.totalBytes === 0) return null;
  const percent = (100 * machine.availableBytes) / machine.totalBytes;
  if (percent >= (before?.reason === 'MachineNearlyFull' ? AVAILABLE.falls : AVAILABLE.rises)) return null;
  const message = `${mib(machine.availableBytes)} of the machine's ${mib(machine.totalBytes)} are left; at none the kernel ends a process`;
  return { reason: 'MachineNearlyFull', message: `${message}. ${ADVICE}` };
}

function analyticsStalls(before: Pressure | null, { group }: MemoryReading): Pressure | null {
  const stall = group?.stall ?? null;
  if (stall === null || !isStalled(stall, before?.reason === 'AnalyticsStalls')) return null;
  return {
    reason: 'AnalyticsStalls',
    message: `the analytics process waited for memory in ${describe(stall)}. ${ADVICE}`,
  };
}

function machineStalls(before: Pressure | null, { machine }: MemoryReading): Pressure | null {
  const stall = machine?.stall ?? null;
  if (stall === null || !isStalled(stall, before?.reason === 'MachineStalls')) return null;
  return {
    reason: 'MachineStalls',
    message: `the machine waited for memory in ${describe(stall)}. ${ADVICE}`,
  };
}

const ADVICE = 'Fewer or smaller queries at a time, or a larger instance type (gatewayctl size --types)';

function isStalled({ some10, some60, full10, full60 }: Stall, isSaid: boolean): boolean {
  const { rises, falls } = STALLS;
  if (some10 >= rises.some || full10 >= rises.full) return true;
  if (!isSaid) return false;
  return Math.max(some10, some60) >= falls.some || Math.max(full10, full60) >= falls.full;
}

const describe = ({ some10, full10 }: Stall) => `${some10} % of the last 10 s, all of it in ${full10} %`;
const mib = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
