import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decodeJson } from '../core/decode.ts';
import {
  ARCHIVE_RECORD,
  type ArchiveGround,
  type ArchiveVerdict,
  archiveFileOf,
  archiveRecord,
  type FileMark,
  judgeArchive,
  recordOf,
  WARM_DIRECTORY,
} from '../core/engine/warm/archive.ts';
import { findWarmMethod } from '../core/engine/warm/method.ts';
import { javaFeatureOf } from '../core/engine-version.ts';
import { AgentError } from '../core/errors.ts';
import { partialPathOf, sweepPartials, writeFileAtomically } from './atomic-file.ts';
import type { InstalledEngine } from './engine-identity.ts';
import { fileOperations } from './file-operations.ts';
import { readRegularFile } from './regular-file.ts';
import { sha256 } from './sha256.ts';

const MAX_RECORD_BYTES = 64 * 1024;
/** Everybody may read it, since the engine's user does; only its owner writes it: the JVM runs what is in it. */
const ARCHIVE_MODE = 0o644;

/** What an archive of this engine depends on; null where its Java can make none. Never rejects: what cannot be read is absent. */
export async function readArchiveGround(options: {
  readonly engine: InstalledEngine;
  readonly home: string;
  /** Names of the plugins that are loaded. */
  readonly plugins: readonly string[];
  readonly jvmOptions: readonly string[];
}): Promise<ArchiveGround | null> {
  const { engine, home, plugins, jvmOptions } = options;
  const { chosen } = engine.java;
  const method = findWarmMethod(javaFeatureOf(engine.identity));
  if (method === null || chosen === null) return null;
  const pluginJars = await Promise.all(plugins.map((plugin) => listMarks(join(home, 'plugin'), plugin)));
  return {
    method,
    home,
    engine: engine.profile.label,
    java: {
      program: chosen.program,
      version: chosen.version,
      library: await readMark(dirname(dirname(chosen.program)), 'lib/server/libjvm.so'),
    },
    jars: await readMarks(join(home, 'lib'), engine.jars),
    pluginJars: pluginJars.flat(),
    jvmOptions,
  };
}

/** What lies beside the engine; null when nothing was ever trained. What cannot be read does not fit. Never rejects. */
export async function findArchive(ground: ArchiveGround): Promise<ArchiveVerdict | null> {
  const dir = join(ground.home, WARM_DIRECTORY);
  try {
    const bytes = await readRegularFile(join(dir, ARCHIVE_RECORD), MAX_RECORD_BYTES);
    if (bytes === null) return null;
    const decoded = decodeJson(archiveRecord, Buffer.from(bytes).toString('utf8'));
    if (!decoded.isValid) return { kind: 'unfit', reason: `its record is damaged: ${decoded.problem}` };
    const path = join(dir, decoded.value.file);
    const found = await digestFile(path, decoded.value.size);
    return judgeArchive({ record: decoded.value, ground, path, found, sha256 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { kind: 'unfit', reason: `it cannot be read: ${code ?? String(error)}` };
  }
}

/** Where a training run shall write, beside its final place; removes what interrupted ones left there. */
export async function prepareArchivePlace(ground: ArchiveGround): Promise<string> {
  const path = join(ground.home, WARM_DIRECTORY, archiveFileOf(ground.method));
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await sweepPartials(dirname(path));
  return partialPathOf(path);
}

/**
 * Puts what a training run wrote in its place, durably, and then the record. A kill in between leaves a record that
 * names other bytes, which no start uses. A run that has the old archive mapped keeps it.
 */
export async function keepArchive(
  ground: ArchiveGround,
  written: string,
): Promise<{ readonly size: number }> {
  const dir = dirname(written);
  const file = await open(written);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(written, ARCHIVE_MODE);
  const { size } = await stat(written);
  const made = await digestFile(written, size);
  if (made === null) throw new AgentError('INVARIANT', 'what training wrote is no file');
  const record = recordOf(ground, made, sha256);
  await rename(written, join(dir, record.file));
  await fileOperations.syncDirectory(dir);
  const bytes = Buffer.from(`${JSON.stringify(record, null, 2)}\n`);
  await writeFileAtomically({ path: join(dir, ARCHIVE_RECORD), bytes, mode: ARCHIVE_MODE });
  return { size };
}

/** Null when it is not there. Of a file of another size only that is read: it cannot be the one. */
async function digestFile(
  path: string,
  wantedSize: number,
): Promise<{ readonly size: number; readonly sha256: string } | null> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return null;
  if (found.size !== wantedSize) return { size: found.size, sha256: '' };
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return { size: found.size, sha256: hash.digest('hex') };
}

async function listMarks(dir: string, plugin: string): Promise<readonly FileMark[]> {
  const names = await readdir(join(dir, plugin)).catch(() => []);
  return readMarks(
    dir,
    names.map((name) => `${plugin}/${name}`),
  );
}

async function readMarks(dir: string, names: readonly string[]): Promise<readonly FileMark[]> {
  const marks = await Promise.all(names.map((name) => readMark(dir, name)));
  return marks.filter((mark) => mark !== null);
}

async function readMark(dir: string, name: string): Promise<FileMark | null> {
  const found = await stat(join(dir, name)).catch(() => null);
  return found === null ? null : { name, size: found.size, modifiedMs: Math.floor(found.mtimeMs) };
}
