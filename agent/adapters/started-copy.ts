import { lchown, lstat, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { count, type Decoder, decodeJson, hexDigest, shape } from '../core/decode.ts';
import { AgentError } from '../core/errors.ts';
import { FILE_MODE, managedKindOf } from '../core/managed-path.ts';
import type { Release } from '../core/release.ts';
import type { Digest } from '../core/types.ts';
import type { StartedCopy } from '../ports.ts';
import { partialPathOf, removeQuietly, sweepPartials } from './atomic-file.ts';
import { fileOperations } from './file-operations.ts';
import { readRegularFile } from './regular-file.ts';
import { readIntentFile, readReleaseDirectory } from './release-directory.ts';
import { sha256 } from './sha256.ts';

const RECORD = 'started.json';
const MAX_RECORD_BYTES = 4_096;

const startedCopy: Decoder<StartedCopy> = shape<StartedCopy>({ digest: hexDigest<Digest>(), madeAt: count });

/** What lies in a started copy besides the release: what starts the engine. */
export interface StartedExtras {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Names, in a directory of that copy or not (`plugin/tpch`), and where they lead. */
  readonly links: Readonly<Record<string, string>>;
}

/**
 * Makes what the analytics process is started with, from the one release that the intent names: `catalog/`,
 * `config.properties`, `jvm.config`, `node.properties`, `started.json`, and a link `datomic` to the live
 * metaschemas. Built beside `startedDir` and renamed; the digest is checked over the very bytes that are written,
 * and no link in the store is followed, since root runs this on what an unprivileged user wrote.
 *
 * Rejects with STORE_FAILED when there is no intent, or its release is missing or damaged; then the copy of the
 * last start is untouched.
 */
export async function makeStartedCopy(options: {
  /** The release store's directory. */
  readonly storeDir: string;
  readonly startedDir: string;
  /** The live etc. */
  readonly etcDir: string;
  readonly layOut?: (release: Release) => Promise<StartedExtras>;
  readonly now?: () => number;
}): Promise<StartedCopy> {
  const { storeDir, startedDir, etcDir } = options;
  try {
    const made = { digest: await readIntendedDigest(storeDir), madeAt: (options.now ?? Date.now)() };
    const release = await readReleaseDirectory({ storeDir, digest: made.digest, sha256 });
    if (release === null) {
      throw new AgentError('STORE_FAILED', 'the intended release is missing or damaged', {
        fields: { dir: storeDir, digest: made.digest },
      });
    }
    const extras = (await options.layOut?.(release)) ?? { files: [], links: {} };
    await mkdir(dirname(startedDir), { recursive: true, mode: 0o750 });
    await sweepPartials(dirname(startedDir), { of: basename(startedDir) });
    const partial = partialPathOf(startedDir);
    try {
      await build(partial, { etc: release.etc, etcDir, made, extras });
      await takeOver(partial, startedDir);
    } catch (error) {
      await removeQuietly(fileOperations, partial);
      throw error;
    }
    return made;
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const { code, path } = error as NodeJS.ErrnoException;
    throw new AgentError('STORE_FAILED', 'cannot make the started copy', {
      fields: { dir: startedDir, path: path ?? startedDir, errno: code ?? 'unknown' },
      cause: error,
    });
  }
}

/** What the last start was made from; null when there is no whole copy. Rejects with SUPERVISOR_FAILED. */
export async function readStartedCopy(startedDir: string): Promise<StartedCopy | null> {
  try {
    const bytes = await readRegularFile(join(startedDir, RECORD), MAX_RECORD_BYTES);
    if (bytes === null) return null;
    const decoded = decodeJson(startedCopy, Buffer.from(bytes).toString('utf8'));
    return decoded.isValid ? decoded.value : null;
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('SUPERVISOR_FAILED', 'cannot read the started copy', {
      fields: { dir: startedDir, errno },
      cause: error,
    });
  }
}

async function readIntendedDigest(storeDir: string): Promise<Digest> {
  const intent = await readIntentFile(storeDir);
  if (intent !== null) return intent.digest;
  throw new AgentError('STORE_FAILED', 'no release is intended, so nothing can be started', {
    fields: { dir: storeDir },
  });
}

async function build(
  dir: string,
  content: {
    readonly etc: readonly { readonly path: string; readonly bytes: Uint8Array }[];
    readonly etcDir: string;
    readonly made: StartedCopy;
    readonly extras: StartedExtras;
  },
): Promise<void> {
  const { etc, etcDir, made, extras } = content;
  const group = await groupFor(dir);
  const own = async (path: string): Promise<void> => {
    if (group !== null) await lchown(path, group.uid, group.gid);
  };
  const links = { ...extras.links, datomic: join(etcDir, 'datomic') };
  const directories = new Set(['.', 'catalog', ...Object.keys(links).map((name) => dirname(name))]);
  for (const path of [...directories].map((name) => join(dir, name))) {
    await fileOperations.makeDirectory(path);
    await own(path);
  }
  const texts = [...extras.files, { path: RECORD, text: `${JSON.stringify(made)}\n` }];
  const files = [
    ...etc.filter(({ path }) => managedKindOf(path) !== 'metaschema'),
    ...texts.map(({ path, text }) => ({ path, bytes: Buffer.from(text) })),
  ];
  for (const file of files) {
    await fileOperations.writeNew(join(dir, file.path), file.bytes, FILE_MODE);
    await own(join(dir, file.path));
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(dir, name));
  await fileOperations.syncDirectory(join(dir, 'catalog'));
  await fileOperations.syncDirectory(dir);
}

/** As root, the copy belongs to root and to the group of the directory around it, which the engine is in. */
async function groupFor(dir: string): Promise<{ readonly uid: number; readonly gid: number } | null> {
  if (process.geteuid?.() !== 0) return null;
  return { uid: 0, gid: (await lstat(dirname(dir))).gid };
}

/**
 * A directory cannot be renamed over another: the old copy steps aside first. A kill in between leaves none, and
 * the next start makes it again, as each start does.
 */
async function takeOver(partial: string, startedDir: string): Promise<void> {
  const aside = partialPathOf(startedDir);
  const isThere = (await readdir(dirname(startedDir))).includes(basename(startedDir));
  if (isThere) await fileOperations.rename(startedDir, aside);
  await fileOperations.rename(partial, startedDir);
  await fileOperations.syncDirectory(dirname(startedDir));
  await fileOperations.removeTree(aside);
}
