import { randomBytes } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { compareText, type Sha256 } from '../core/digest.ts';
import { AgentError } from '../core/errors.ts';
import { FILE_MODE, managedKindOf } from '../core/managed-path.ts';
import type { Release } from '../core/release.ts';
import type { LiveEtc } from '../ports.ts';
import { sweepPartials, writeFileAtomically } from './atomic-file.ts';
import { createChangeWatch } from './change-watch.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';
import { readRegularFile } from './regular-file.ts';

/** The directories that hold managed files, beside the etc directory itself. */
const DIRECTORIES = ['catalog', 'datomic'] as const;
/** Time stamps tick in steps of some milliseconds: what changed this recently may change again unseen. */
const SETTLED_MS = 1_000;

interface Expected {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** What was found in a file when it was last read, and how it looked from outside. */
interface Seen {
  readonly signature: string;
  readonly hash: string;
}

/**
 * The live etc below `dir`. Managed are `catalog/*.properties`, `datomic/*.edn` and the engine's own files;
 * everything else is a person's and is left alone. A link or directory in the place of a managed file is drift:
 * links are replaced, never followed; a directory that is not empty is moved aside, never deleted.
 *
 * `compare` runs each cycle. What was in line and has not changed since, as far as the kernel tells, is not looked at
 * again for five minutes: a look at a thousand files costs more than all else of an idle cycle. It looks with synchronous
 * calls: one answer from the cache costs a twentieth of a trip through the thread pool.
 */
export function createLiveEtc(options: {
  readonly dir: string;
  readonly sha256: Sha256;
  readonly operations?: FileOperations;
}): LiveEtc {
  const { dir, sha256 } = options;
  const operations = options.operations ?? fileOperations;
  const seen = new Map<string, Seen>();
  const expectations = new WeakMap<Release, ReadonlyMap<string, Expected>>();
  const watch = createChangeWatch({ directories: ['.', ...DIRECTORIES].map((name) => join(dir, name)) });
  /** What was in line when `watch` last began; null when something was not. */
  let inLine: Release | null = null;

  function expectationsOf(release: Release): ReadonlyMap<string, Expected> {
    const remembered = expectations.get(release);
    if (remembered !== undefined) return remembered;
    const computed = new Map(
      release.etc.map(({ path, bytes }) => [path, { bytes, hash: sha256(bytes) }] as const),
    );
    expectations.set(release, computed);
    return computed;
  }

  async function isInPlace(path: string, expected: Expected): Promise<boolean> {
    // `join` costs more than the look itself.
    const stat = look(`${dir}/${path}`);
    if (stat === null || !stat.isFile() || Number(stat.size) !== expected.bytes.length) return false;
    if (managedKindOf(path) === 'catalog' && (Number(stat.mode) & 0o007) !== 0) return false;
    const signature = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
    const known = seen.get(path);
    if (known?.signature === signature) return known.hash === expected.hash;
    const bytes = await readRegularFile(join(dir, path), expected.bytes.length).catch(
      (error: NodeJS.ErrnoException) => {
        // Somebody has made it unreadable. It is replaced like any other drift, which takes no right to read it.
        if (error.code === 'EACCES') return null;
        throw error;
      },
    );
    if (bytes === null) return false;
    const hash = sha256(bytes);
    if (Date.now() - Number(stat.ctimeMs) > SETTLED_MS) seen.set(path, { signature, hash });
    else seen.delete(path);
    return hash === expected.hash;
  }

  function findForeign(expected: ReadonlyMap<string, Expected>): readonly string[] {
    return DIRECTORIES.flatMap((directory) => {
      const stat = look(join(dir, directory));
      if (stat === null) return [];
      // Something else in the directory's place: the connector would look through it.
      if (!stat.isDirectory()) return [directory];
      return readdirSync(join(dir, directory))
        .map((name) => `${directory}/${name}`)
        .filter((path) => managedKindOf(path) !== null && !expected.has(path));
    });
  }

  async function compareBoth(release: Release) {
    const expected = expectationsOf(release);
    const writes: string[] = [];
    const reachable = new Set(DIRECTORIES.filter((name) => look(join(dir, name))?.isDirectory() === true));
    for (const [path, file] of expected) {
      const directory = DIRECTORIES.find((name) => path.startsWith(`${name}/`));
      const isReachable = directory === undefined || reachable.has(directory);
      if (!isReachable || !(await isInPlace(path, file))) writes.push(path);
    }
    return {
      expected,
      writes: writes.toSorted(compareText),
      removals: findForeign(expected).toSorted(compareText),
    };
  }

  async function compare(release: Release): Promise<readonly string[]> {
    if (inLine === release && (await watch.isUnchanged())) return [];
    inLine = null;
    watch.begin();
    const { writes, removals } = await compareBoth(release);
    const differing = [...new Set([...writes, ...removals])].toSorted(compareText);
    if (differing.length === 0) inLine = release;
    return differing;
  }

  /** Makes way for a file or directory of ours without destroying what a person may have put there. */
  async function clear(path: string): Promise<void> {
    const full = join(dir, path);
    const stat = look(full);
    if (stat === null) return;
    if (!stat.isDirectory()) {
      await operations.unlink(full);
      return;
    }
    const aside = join(dir, `.set-aside-${basename(path)}-${randomBytes(6).toString('hex')}`);
    await operations.removeDirectory(full).catch(() => operations.rename(full, aside));
  }

  async function ensureDirectory(directory: string): Promise<void> {
    const full = directory === '.' ? dir : join(dir, directory);
    if (directory === '.' || look(full)?.isDirectory() === true) return;
    await clear(directory);
    await operations.makeDirectory(full);
    await operations.syncDirectory(dir);
  }

  async function put(path: string, bytes: Uint8Array): Promise<void> {
    await ensureDirectory(dirname(path));
    if (look(join(dir, path))?.isDirectory() === true) await clear(path);
    await writeFileAtomically({ path: join(dir, path), bytes, mode: FILE_MODE, operations });
  }

  async function remove(path: string): Promise<void> {
    await clear(path);
    await operations.syncDirectory(dirname(join(dir, path)));
  }

  async function bring(release: Release): Promise<readonly string[]> {
    const created = await operations.makeDirectories(dir, 0o750);
    if (created !== undefined) await operations.syncDirectory(dirname(dir));
    for (const directory of ['.', ...DIRECTORIES]) {
      if (look(join(dir, directory))?.isDirectory() === true)
        await sweepPartials(join(dir, directory), { operations });
    }
    const { expected, writes, removals } = await compareBoth(release);
    for (const path of writes) {
      const file = expected.get(path);
      if (file !== undefined) await put(path, file.bytes);
    }
    // What stood in a directory's place is gone by now if the directory was needed.
    const remaining = removals.filter(
      (path) => look(join(dir, path))?.isDirectory() !== true || path.includes('/'),
    );
    for (const path of remaining) await remove(path);
    return [...new Set([...writes, ...removals])];
  }

  return {
    compare: (release) => translate('cannot look at the live etc', dir, () => compare(release)),
    bring: (release) => translate('cannot bring the live etc in line', dir, () => bring(release)),
  };
}

/** What is there, links not followed; null for nothing. */
function look(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

async function translate<T>(message: string, dir: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    const fields = { dir, path: path ?? dir, errno: code ?? 'unknown' };
    throw new AgentError('PUBLISH_FAILED', message, { fields, cause: error });
  }
}
