import { randomBytes } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseDigest, type Sha256 } from '../core/digest.ts';
import { AgentError } from '../core/errors.ts';
import { FILE_MODE } from '../core/managed-path.ts';
import type { Intent, Release } from '../core/release.ts';
import type { Digest, ReleaseFacts } from '../core/types.ts';
import type { ReleaseStore } from '../ports.ts';
import { removeQuietly, sweepPartials, writeFileAtomically } from './atomic-file.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';
import { readSignature } from './file-signature.ts';
import {
  readIntentFile,
  readReleaseDirectory,
  readReleaseDocument,
  releasePathOf,
} from './release-directory.ts';
import { writeReleaseTree } from './release-tree.ts';

/** How many releases stay besides those that are asked to. */
const NEWEST_KEPT = 5;
const DIGEST = /^[0-9a-f]{64}$/;
const PARTIAL = /^[0-9a-f]{64}\.partial-\d+-[0-9a-f]{12}$/;

/**
 * Releases under `dir/releases/DIGEST/{release.json,source/…,etc/…}` and the intent at `dir/intent.json`. Written
 * under a `.partial-` name and renamed, each file and directory fsynced: what bears a final name is whole, unless
 * the disk damaged it, which `read` notices. Removed the other way round.
 */
export function createReleaseStore(options: {
  readonly dir: string;
  readonly sha256: Sha256;
  readonly operations?: FileOperations;
}): ReleaseStore {
  const { dir, sha256 } = options;
  const operations = options.operations ?? fileOperations;
  const releases = join(dir, 'releases');
  const known = new Map<Digest, { readonly signature: string; readonly facts: ReleaseFacts }>();
  const damaged = new Set<Digest>();
  const beingWritten = new Set<string>();

  function partialNameOf(digest: Digest): string {
    return `${digest}.partial-${process.pid}-${randomBytes(6).toString('hex')}`;
  }

  async function read(digest: Digest): Promise<Release | null> {
    if (!DIGEST.test(digest)) return null;
    const release = await readReleaseDirectory({ storeDir: dir, digest, sha256 });
    if (release === null) damaged.add(digest);
    else damaged.delete(digest);
    return release;
  }

  async function discard(digest: Digest): Promise<void> {
    // Out of the final name first: a kill half way must not leave half a release under it.
    const gone = join(releases, partialNameOf(digest));
    await operations.rename(releasePathOf(dir, digest), gone);
    known.delete(digest);
    await operations.removeTree(gone);
  }

  async function write(release: Release): Promise<void> {
    const { digest } = release.facts;
    if (releaseDigest(release, sha256) !== digest) {
      throw new AgentError('INVARIANT', 'a release must bear the digest of its content', {
        fields: { digest },
      });
    }
    if ((await readSignature(releasePathOf(dir, digest))) !== null) {
      if ((await read(digest)) !== null) return;
      await discard(digest);
    }
    const created = await operations.makeDirectories(releases, 0o750);
    const name = partialNameOf(digest);
    const partial = join(releases, name);
    beingWritten.add(name);
    try {
      await writeReleaseTree({ dir: partial, release, operations });
      await operations.rename(partial, releasePathOf(dir, digest));
    } catch (error) {
      await removeQuietly(operations, partial);
      throw error;
    } finally {
      beingWritten.delete(name);
    }
    await operations.syncDirectory(releases);
    if (created !== undefined) await operations.syncDirectory(dir);
    damaged.delete(digest);
  }

  async function readFacts(digest: Digest): Promise<ReleaseFacts | null> {
    const path = releasePathOf(dir, digest);
    const signature = await readSignature(join(path, 'release.json'));
    if (signature === null || damaged.has(digest)) return null;
    const cached = known.get(digest);
    if (cached?.signature === signature) return cached.facts;
    const document = await readReleaseDocument(path, digest);
    if (document === null) return null;
    known.set(digest, { signature, facts: document.facts });
    return document.facts;
  }

  async function list(): Promise<readonly ReleaseFacts[]> {
    const digests = (await namesIn(releases)).filter(isDigest);
    const facts = await Promise.all(digests.map(readFacts));
    return facts.filter((found) => found !== null);
  }

  async function prune(keep: readonly Digest[]): Promise<void> {
    const names = await namesIn(releases);
    const aged = await Promise.all(
      names
        .filter(isDigest)
        .map(async (digest) => ({ digest, writtenAt: await writtenAt(releasePathOf(dir, digest)) })),
    );
    const newest = aged.toSorted((a, b) => b.writtenAt - a.writtenAt).slice(0, NEWEST_KEPT);
    const kept = new Set([...keep, ...newest.map(({ digest }) => digest)]);
    const old = aged.filter(({ digest }) => !kept.has(digest));
    for (const { digest } of old) await discard(digest);
    const leftovers = names.filter((name) => PARTIAL.test(name) && !beingWritten.has(name));
    for (const name of leftovers) await operations.removeTree(join(releases, name));
    await sweepPartials(dir, { of: 'intent.json', operations });
    if (old.length + leftovers.length > 0) await operations.syncDirectory(releases);
  }

  async function readIntent(): Promise<Intent | null> {
    return await readIntentFile(dir);
  }

  async function writeIntent(intent: Intent): Promise<void> {
    await operations.makeDirectories(dir, 0o750);
    const bytes = Buffer.from(`${JSON.stringify(intent)}\n`);
    await writeFileAtomically({ path: join(dir, 'intent.json'), bytes, mode: FILE_MODE, operations });
  }

  return {
    write: (release) => translate('cannot write a release', dir, () => write(release)),
    read: (digest) => translate('cannot read a release', dir, () => read(digest)),
    list: () => translate('cannot list the releases', dir, list),
    prune: (keep) => translate('cannot remove old releases', dir, () => prune(keep)),
    // An intent that cannot be read is no intent: the next publish writes a new one.
    readIntent: () => readIntent().catch(() => null),
    writeIntent: (intent) => translate('cannot write the intent', dir, () => writeIntent(intent)),
  };
}

function isDigest(name: string): name is Digest {
  return DIGEST.test(name);
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function writtenAt(path: string): Promise<number> {
  return (await lstat(path)).mtimeMs;
}

async function translate<T>(message: string, dir: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const isFull = errno === 'ENOSPC' || errno === 'EDQUOT';
    throw new AgentError(isFull ? 'STORE_FULL' : 'STORE_FAILED', message, {
      fields: { dir, errno },
      cause: error,
    });
  }
}
