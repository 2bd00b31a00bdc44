import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineIdentity } from '../core/release.ts';

/** Main jars by engine: what lies in the home decides. */
const JARS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'presto', pattern: /^presto-main-(\d[\w.]*)\.jar$/ },
  { name: 'trino', pattern: /^trino-main-(\d[\w.]*)\.jar$/ },
];

const quietly = async <Value>(read: Promise<Value>, otherwise: Value): Promise<Value> => {
  try {
    return await read;
  } catch {
    // Not there, or not readable: nothing is known of it, which is an answer here.
    return otherwise;
  }
};

/** Java's own version as its home states it; `unknown` without that file. */
async function readJavaVersion(javaHome: string | null): Promise<string> {
  if (javaHome === null) return 'unknown';
  const text = await quietly(readFile(join(javaHome, 'release'), 'utf8'), '');
  return /^JAVA_VERSION="([^"]+)"/m.exec(text)?.[1] ?? 'unknown';
}

/**
 * Engine and Java by what lies in the engine's home and in Java's. `name` is the setting `analytics.engine`; null
 * looks. What is not found is `unknown`: the fingerprint then does not follow it.
 */
export async function findEngineIdentity(options: {
  readonly name: string | null;
  readonly home: string;
  readonly java: string | null;
}): Promise<EngineIdentity> {
  if (options.name === 'stand-in') return { name: 'stand-in', version: '0', java: 'none' };
  const files = await quietly(readdir(join(options.home, 'lib')), []);
  const java = await readJavaVersion(options.java);
  for (const { name, pattern } of JARS) {
    if (options.name !== null && options.name !== name) continue;
    for (const file of files) {
      const version = pattern.exec(file)?.[1];
      if (version !== undefined) return { name, version, java };
    }
  }
  return { name: options.name ?? 'unknown', version: 'unknown', java };
}
