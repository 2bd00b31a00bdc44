import { lookup } from 'node:dns/promises';
import { readdir, readFile, realpath, stat, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findStartFaults, type StartFinding } from '../core/engine/preflight.ts';
import { isMountedNoexec } from '../core/mounts.ts';
import { findEngine, type InstalledEngine } from './engine-identity.ts';
import { createLocalPorts } from './local-ports.ts';

const LOOKUP_TIMEOUT_MS = 2_000;

/** The settings that a start depends on. */
export interface StartSettings {
  readonly engine: string | null;
  readonly home: string;
  readonly java: string | null;
  readonly port: number;
  readonly dataDir: string;
}

export interface Preflight {
  readonly engine: InstalledEngine;
  readonly findings: readonly StartFinding[];
}

/**
 * Looks at what a start needs. Never rejects: what cannot be looked at is not held against the machine.
 * `isRunning` leaves the port alone, which then is the engine's own. The stand-in needs none of it.
 */
export async function inspectStart(
  settings: StartSettings & { readonly isRunning?: boolean; readonly now?: () => number },
): Promise<Preflight> {
  const { home, java, dataDir, port } = settings;
  const engine = await findEngine({ name: settings.engine, home, java });
  if (engine.identity.name === 'stand-in') return { engine, findings: [] };
  const plugins = await readdir(join(home, 'plugin')).catch(() => []);
  const findings = findStartFaults({
    profile: engine.profile,
    home: { path: home, hasLibraries: engine.jars.length > 0, hasPlugins: plugins.length > 0 },
    java: { ...engine.java, wanted: java },
    dataDir: { path: dataDir, ...(await inspectDirectory(dataDir)) },
    port: { number: port, takenBy: settings.isRunning === true ? null : await findHolder(port) },
    hostName: { name: hostname(), isResolved: await isResolved(hostname()) },
    openFiles: await readOpenFilesLimit(),
    now: (settings.now ?? Date.now)(),
  });
  return { engine, findings };
}

/** `nginx (pid 812)`, or `another program` where this user may not look into that process; null: free. */
async function findHolder(port: number): Promise<string | null> {
  const problem = await createLocalPorts().findProblem(port);
  if (problem === null) return null;
  if (problem.kind === 'denied' || problem.pid === null) return 'another program';
  return `${problem.name ?? 'a program'} (pid ${problem.pid})`;
}

async function inspectDirectory(path: string): Promise<{
  readonly state: 'directory' | 'missing' | 'other';
  readonly isNoexec: boolean;
  readonly freeBytes: number | null;
}> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
  if (found === 'ENOENT') return { state: 'missing', isNoexec: false, freeBytes: null };
  // Another user's, who alone may look.
  if (typeof found === 'string') return { state: 'directory', isNoexec: false, freeBytes: null };
  const state = found.isDirectory() ? 'directory' : 'other';
  const [mounts, resolved, disk] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8').catch(() => ''),
    realpath(path).catch(() => path),
    statfs(path).catch(() => null),
  ]);
  return {
    state,
    isNoexec: isMountedNoexec(mounts, resolved),
    freeBytes: disk === null ? null : disk.bavail * disk.bsize,
  };
}

/** As Java will ask: hosts file, then name service. Null where the answer takes longer than a start should wait. */
async function isResolved(name: string): Promise<boolean | null> {
  const answer = lookup(name).then(
    () => true,
    () => false,
  );
  const late = new AbortController();
  const silence = sleep(LOOKUP_TIMEOUT_MS, null, { signal: late.signal }).catch(() => null);
  try {
    return await Promise.race([answer, silence]);
  } finally {
    late.abort();
  }
}

/** Of this process, as its child will inherit it. A JVM raises the soft limit to the hard one. */
async function readOpenFilesLimit(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? null : Number(hard);
}
