/** Why a start failed, from what was printed: the engine's own words or those of what prepared it. */
import type { RunId } from '../types.ts';
import { parseRunMarker } from './run-marker.ts';

export interface StartFailure {
  /** Null where the lines name none. */
  readonly run: RunId | null;
  /** CamelCase, for conditions. */
  readonly reason: string;
  /** The words that were found, one line. */
  readonly message: string;
  readonly remedy: string;
  /** The machine is to blame, and any configuration would fail on it. */
  readonly isOfHost: boolean;
}

interface Signature {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly remedy: string;
  readonly isOfHost: boolean;
}

const host = (pattern: RegExp, reason: string, remedy: string): Signature => ({
  pattern,
  reason,
  remedy,
  isOfHost: true,
});
const own = (pattern: RegExp, reason: string, remedy: string): Signature => ({
  pattern,
  reason,
  remedy,
  isOfHost: false,
});

// Recorded from PrestoSQL 350 on Java 17 and Trino 476 on Java 25, see test/cases/engine-log. The first group is the
// sentence. Where several match a log, the first of this list is what is told.
const SIGNATURES: readonly Signature[] = [
  host(
    /^ERROR: (\w+ requires Java .*)$/,
    'JavaUnfit',
    'install a fitting Java, or name one in analytics.java',
  ),
  host(
    /\b(UnsupportedClassVersionError: .*)$/,
    'JavaUnfit',
    'install a newer Java, or name one in analytics.java',
  ),
  host(
    /^ERROR: (\w+ requires at least \d+ file descriptors .*)$/,
    'TooFewOpenFiles',
    'raise LimitNOFILE of the unit, or `ulimit -n`',
  ),
  host(
    /^ERROR: (\w+ requires the system time to be current .*)$/,
    'ClockNotSet',
    'set the clock: chronyc makestep',
  ),
  host(
    /\b(Unable to determine local host name)$/,
    'HostNameUnknown',
    'add the host name to /etc/hosts, or look why name service does not answer',
  ),
  host(/^ERROR: (\w+ requires .*)$/, 'MachineUnfit', 'run it on a machine that the engine supports'),
  host(
    /\b(Failed to bind to \/?\S+:\d+)/,
    'PortTaken',
    'find out who listens there: ss -ltnp; end it, or set another port in analytics.url',
  ),
  host(
    /^(Could not reserve enough space for .*object heap)$/,
    'HeapTooLarge',
    'gatewayctl size shows what this machine has; free memory or take a larger one',
  ),
  host(
    /\b(There is insufficient memory for the Java Runtime Environment to continue)/,
    'MemoryGone',
    'gatewayctl size shows what this machine has; free memory or take a larger one',
  ),
  host(/^((?:rm|mkdir|ln|cp): .*(?:No space left on device).*)$/, 'DiskFull', 'free space there'),
  host(
    /\b(\S*Exception: .*No space left on device)/,
    'DiskFull',
    'free space on the disk of the data directory',
  ),
  host(
    /^((?:rm|mkdir|ln): .*(?:Permission denied|Read-only file system|cannot overwrite directory).*)$/,
    'DataDirectoryUnwritable',
    'let the data directory belong to the engine’s user: systemd-tmpfiles --create',
  ),
  host(
    /\b(Cannot create \S+ and path does not already exist)/,
    'DataDirectoryUnwritable',
    'let the data directory belong to the engine’s user: systemd-tmpfiles --create',
  ),
  host(
    /\b(failed to map segment from shared object.*)$/,
    'TemporaryDirectoryNoexec',
    'mount the file system of the data directory without noexec',
  ),
  own(
    /^(Unrecognized (?:VM )?option:? .*)$/,
    'JvmOptionUnknown',
    'name a Java in analytics.java that the engine is made for',
  ),
  own(
    /\b(Invalid memory configuration\. .*)$/,
    'QueryMemoryTooLarge',
    'lower analytics.queryMemory, or leave it to the engine',
  ),
];

/** What `gatewayctl engine prepare`, or the agent for its child, says of a start that cannot work. */
const PREPARE =
  /the analytics \w+ cannot be started,? reason[ =](\w+),? problem[ =](.*?),? remedy[ =](.*?)(?:\. Follow the remedy|$)/;
const STARTED = '======== SERVER STARTED ========';

/** The failure that the newest run in `lines` (oldest first) tells of; null where it started, or none is known. */
export function findStartFailure(lines: readonly string[], run: RunId | null): StartFailure | null {
  const first = lines.map(parseRunMarker).find((marker) => marker !== null);
  let currentRun = first === undefined ? run : first.previous;
  let found: { readonly rank: number; readonly failure: StartFailure } | null = null;
  for (const line of lines) {
    const marker = parseRunMarker(line);
    if (marker !== null) currentRun = marker.run;
    if (marker !== null || line.endsWith(STARTED)) found = null;
    const [, reason, problem, remedy] = PREPARE.exec(line) ?? [];
    if (reason !== undefined && problem !== undefined && remedy !== undefined) {
      const failure = { run: currentRun, reason, message: problem, remedy, isOfHost: true };
      found = { rank: -1, failure };
    }
    const rank = SIGNATURES.findIndex(({ pattern }) => pattern.test(line));
    const signature = SIGNATURES[rank];
    if (signature === undefined || (found !== null && found.rank <= rank)) continue;
    const message = signature.pattern.exec(line)?.[1]?.trim() ?? '';
    const { reason: why, remedy: cure, isOfHost } = signature;
    found = { rank, failure: { run: currentRun, reason: why, message, remedy: cure, isOfHost } };
  }
  return found?.failure ?? null;
}
