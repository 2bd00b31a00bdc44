import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineIdentity } from '../core/engine/identity.ts';
import { chooseJava, type JavaProgram } from '../core/engine/java.ts';
import { type EngineProfile, profileOf } from '../core/engine/profile.ts';
import { findJavaPrograms } from './java-homes.ts';

/** Main jars by engine: what lies in the home decides. */
const JARS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'presto', pattern: /^presto-main-(\d[\w.]*)\.jar$/ },
  // Later releases of Trino put the group in front of each jar.
  { name: 'trino', pattern: /^(?:io\.trino_)?trino-main-(\d[\w.]*)\.jar$/ },
];

export interface EngineOptions {
  /** The setting `analytics.engine`; null looks. */
  readonly name: string | null;
  readonly home: string;
  /** The setting `analytics.java`; null looks. */
  readonly java: string | null;
}

/** Engine and Java as they are installed. */
export interface InstalledEngine {
  readonly identity: EngineIdentity;
  readonly profile: EngineProfile;
  /** Files in the engine's `lib`. */
  readonly jars: readonly string[];
  readonly java: {
    /** What it would be started with; null without a Java that fits. */
    readonly chosen: JavaProgram | null;
    readonly found: readonly JavaProgram[];
  };
}

/**
 * Engine and Java by what lies in the engine's home and in Java's. What is not found is `unknown` in the identity:
 * the fingerprint then does not follow it. `rendered` is the version of Java that a release was rendered for.
 */
export async function findEngine(
  options: EngineOptions & { readonly rendered?: string | null },
): Promise<InstalledEngine> {
  const isStandIn = options.name === 'stand-in';
  const files = isStandIn ? [] : await readdir(join(options.home, 'lib')).catch(() => []);
  const { name, version } = isStandIn ? { name: 'stand-in', version: '0' } : findVersion(files, options.name);
  const found = isStandIn ? [] : await findJavaPrograms(options.java);
  const profile = profileOf({ name, version, java: 'unknown' });
  const chosen =
    options.java === null
      ? chooseJava({ profile, found, rendered: options.rendered ?? null })
      : (found[0] ?? null);
  const java = isStandIn ? 'none' : (chosen?.version ?? 'unknown');
  return {
    identity: { name, version, java },
    profile,
    jars: files.filter((file) => file.endsWith('.jar')),
    java: { chosen, found },
  };
}

/** As `findEngine`, what the rendering and the fingerprint need of it. */
export async function findEngineIdentity(options: EngineOptions): Promise<EngineIdentity> {
  return (await findEngine(options)).identity;
}

function findVersion(files: readonly string[], wanted: string | null): { name: string; version: string } {
  for (const { name, pattern } of JARS) {
    if (wanted !== null && wanted !== name) continue;
    for (const file of files) {
      const version = pattern.exec(file)?.[1];
      if (version !== undefined) return { name, version };
    }
  }
  return { name: wanted ?? 'unknown', version: 'unknown' };
}
