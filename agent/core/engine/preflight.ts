/** What would keep the engine from starting, found before the start and said in one sentence with its remedy. */
import { describeNeed, isFitting, type JavaProgram } from './java.ts';
import type { EngineProfile } from './profile.ts';

export interface StartFinding {
  /** `fault`: it would not start, so it is not tried. `warning`: it may. */
  readonly verdict: 'fault' | 'warning';
  /** CamelCase, for conditions. */
  readonly reason: string;
  readonly message: string;
  readonly remedy: string;
}

/** What was found on the machine, as far as it could be looked at. */
export interface PreflightFacts {
  readonly profile: EngineProfile;
  readonly home: { readonly path: string; readonly hasLibraries: boolean; readonly hasPlugins: boolean };
  readonly java: {
    readonly chosen: JavaProgram | null;
    readonly found: readonly JavaProgram[];
    /** The setting `analytics.java`; null: it is looked for. */
    readonly wanted: string | null;
  };
  readonly dataDir: {
    readonly path: string;
    readonly state: 'directory' | 'missing' | 'other';
    /** Its file system forbids to run what lies in it. */
    readonly isNoexec: boolean;
    /** null: not known. */
    readonly freeBytes: number | null;
  };
  readonly port: {
    readonly number: number;
    /** Who listens there: a program with its pid, or null for nobody. */
    readonly takenBy: string | null;
  };
  /** Of this machine; `isResolved` null: not known. */
  readonly hostName: { readonly name: string; readonly isResolved: boolean | null };
  /** Hard limit of open files; null: not known, or none. */
  readonly openFiles: number | null;
  readonly now: number;
}

/** Less than this is used up by the first start alone: native libraries and what the engine notes down. */
const LEAST_FREE_BYTES = 32 * 1024 * 1024;
const RECOMMENDED_OPEN_FILES = 8_192;

type Check = (facts: PreflightFacts) => StartFinding | null;

const fault = (reason: string, message: string, remedy: string): StartFinding => ({
  verdict: 'fault',
  reason,
  message,
  remedy,
});

const checkHome: Check = ({ home }) => {
  if (!home.hasLibraries) {
    return fault(
      'EngineMissing',
      `no engine lies in ${home.path}: it has no directory lib with jars`,
      'install one there, or correct analytics.home',
    );
  }
  return home.hasPlugins
    ? null
    : fault(
        'PluginsMissing',
        `the engine in ${home.path} has no directory plugin`,
        'install it whole: without plugins no catalog can be loaded',
      );
};

const checkJava: Check = ({ profile, java: { chosen, found, wanted } }) => {
  const need = `${profile.label} runs on ${describeNeed(profile)}`;
  if (chosen === null) {
    const seen = found.map(({ version, program }) => `${version} (${program})`).join(', ');
    return fault(
      'JavaMissing',
      `${need}; found ${seen === '' ? 'none' : seen}`,
      wanted === null ? 'install a fitting Java, or name one in analytics.java' : 'correct analytics.java',
    );
  }
  if (isFitting(profile, chosen)) return null;
  const message = `${need}; analytics.java is ${chosen.version} (${chosen.program})`;
  return { ...fault('JavaUnfit', message, 'correct analytics.java'), verdict: verdictOn(profile, chosen) };
};

/** What is too old the engine refuses; on what is newer than anybody tried it may run. */
function verdictOn(profile: EngineProfile, java: JavaProgram): StartFinding['verdict'] {
  const asIfNewest = { ...profile, java: { ...profile.java, newest: Number.POSITIVE_INFINITY } };
  return isFitting(asIfNewest, java) ? 'warning' : 'fault';
}

const checkDataDir: Check = ({ dataDir: { path, state } }) => {
  if (state === 'directory') return null;
  const problem = state === 'missing' ? 'is missing' : 'is no directory';
  return fault(
    'DataDirectoryMissing',
    `the engine’s data directory ${path} ${problem}`,
    'make it, owned by the engine’s user: systemd-tmpfiles --create',
  );
};

/** Both engines start all the same; what needs a native library fails later, in the middle of a query. */
const checkNoexec: Check = ({ dataDir }) =>
  dataDir.isNoexec
    ? {
        verdict: 'warning',
        reason: 'TemporaryDirectoryNoexec',
        message: `${dataDir.path} lies on a file system that is mounted noexec, and native libraries are loaded from its tmp`,
        remedy: 'mount it without noexec',
      }
    : null;

/** The engine writes little: it may well run, so this alone does not keep it from trying. */
const checkSpace: Check = ({ dataDir: { path, freeBytes } }) =>
  freeBytes === null || freeBytes >= LEAST_FREE_BYTES
    ? null
    : {
        verdict: 'warning',
        reason: 'DiskFull',
        message: `the disk of ${path} is full: ${Math.floor(freeBytes / (1024 * 1024))} MiB are free`,
        remedy: 'free space there',
      };

const checkPort: Check = ({ port }) =>
  port.takenBy === null
    ? null
    : fault(
        'PortTaken',
        `port ${port.number} is taken by ${port.takenBy}`,
        'end that program, or set another port in analytics.url',
      );

const checkOpenFiles: Check = ({ profile, openFiles }) => {
  if (openFiles === null || openFiles >= RECOMMENDED_OPEN_FILES) return null;
  const least = profile.leastOpenFiles;
  const isTooFew = openFiles < least;
  return {
    verdict: isTooFew ? 'fault' : 'warning',
    reason: 'TooFewOpenFiles',
    message: `a process may open ${openFiles} files; ${profile.label} needs ${isTooFew ? `${least}` : `${RECOMMENDED_OPEN_FILES} under load`}`,
    remedy: 'raise LimitNOFILE of the unit, or `ulimit -n`',
  };
};

const checkClock: Check = ({ profile, now }) => {
  const year = new Date(now).getUTCFullYear();
  return year >= profile.firstYear
    ? null
    : fault(
        'ClockNotSet',
        `the clock says ${year}, and ${profile.label} does not start before ${profile.firstYear}`,
        'set the clock: chronyc makestep',
      );
};

/** PrestoSQL asks for its own address as it starts, although it is told which one to use; Trino does not. */
const checkHostName: Check = ({ profile, hostName: { name, isResolved } }) =>
  profile.family === 'presto' && isResolved === false
    ? fault(
        'HostNameUnknown',
        `the host name ${name} has no address, and ${profile.label} does not start without`,
        'add a line `127.0.1.1 NAME` to /etc/hosts, or look why name service does not answer',
      )
    : null;

const CHECKS: readonly Check[] = [
  checkHome,
  checkJava,
  checkDataDir,
  checkNoexec,
  checkSpace,
  checkPort,
  checkOpenFiles,
  checkClock,
  checkHostName,
];

/** All findings, faults first. */
export function findStartFaults(facts: PreflightFacts): readonly StartFinding[] {
  const findings = CHECKS.map((check) => check(facts)).filter((finding) => finding !== null);
  return findings.toSorted((a, b) => a.verdict.localeCompare(b.verdict));
}
