import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JavaProgram } from '../core/engine/java.ts';
import { AgentError } from '../core/errors.ts';
import { runCommand } from './run-command.ts';

/** Where Linux distributions and vendors put Java. */
const JAVA_DIRECTORIES = ['/usr/lib/jvm', '/usr/java', '/opt/java'] as const;
const ASK_TIMEOUT_MS = 10_000;

/** Every Java of this machine, or the one that `wanted` names. What cannot be read or run is none. */
export async function findJavaPrograms(wanted: string | null): Promise<readonly JavaProgram[]> {
  const homes = await Promise.all(JAVA_DIRECTORIES.map(listHomes));
  const programs = wanted === null ? homes.flat().map((home) => join(home, 'bin/java')) : [wanted];
  // Distributions give one Java several names.
  const resolved = await Promise.all(programs.map((program) => realpath(program).catch(() => null)));
  const distinct = [...new Set(resolved)].filter((program) => program !== null);
  const found = await Promise.all(distinct.map(readJava));
  return found.filter((java) => java !== null);
}

async function listHomes(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.toSorted().map((name) => join(directory, name));
}

async function readJava(program: string): Promise<JavaProgram | null> {
  const release = await readFile(join(dirname(dirname(program)), 'release'), 'utf8').catch(() => '');
  const version = /^JAVA_VERSION="([^"]+)"/m.exec(release)?.[1] ?? (await askVersion(program));
  return version === null ? null : { program, version };
}

/** A home without the file `release` has to be asked, which takes a JVM. */
async function askVersion(program: string): Promise<string | null> {
  try {
    const { stderr } = await runCommand(program, ['-version'], { timeoutMs: ASK_TIMEOUT_MS });
    return /version "([^"]+)"/.exec(stderr)?.[1] ?? null;
  } catch (error) {
    // It is there and cannot be run: no Java.
    if (error instanceof AgentError) return null;
    throw error;
  }
}
