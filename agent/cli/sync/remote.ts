/** What lies in a group's etc directory in S3, as a sync finds it. */
import { runLimited } from '../../adapters/limit-concurrency.ts';
import { MAX_MANIFEST_BYTES, type ManifestParse, parseManifest } from '../../core/manifest.ts';
import { classifyPath, MANIFEST_PATH } from '../../core/source/path.ts';
import type { RemoteFile } from '../../core/sync/plan.ts';
import type { Bucket } from '../../ports/operators.ts';
import { CliError } from '../cli-error.ts';

/** Reads, writes and deletions at the same time; more only makes S3 ask to slow down. */
export const CONCURRENCY = 8;
const MAX_TRIES = 3;

export interface RemoteManifest {
  readonly tag: string;
  readonly bytes: Uint8Array;
  readonly parse: ManifestParse;
  /** By the clock of S3. */
  readonly putAt: number;
}

export interface RemoteState {
  /** In path order. */
  readonly files: readonly RemoteFile[];
  readonly manifest: RemoteManifest | null;
  /** Lies there, is read by nobody and left alone. */
  readonly foreign: readonly string[];
}

/** One listing, and the manifest that it shows. Throws CliError 75 when the manifest changes all the while. */
export async function readRemote(bucket: Bucket, prefix: string, signal: AbortSignal): Promise<RemoteState> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const files: RemoteFile[] = [];
    const foreign: string[] = [];
    let listed: { readonly tag: string; readonly size: number; readonly modifiedAt: number } | null = null;
    for (const object of await bucket.list(prefix, signal)) {
      const path = object.key.slice(prefix.length);
      const { kind } = classifyPath(path);
      if (kind === 'manifest') listed = object;
      else if (kind === 'foreign') foreign.push(path);
      else if (kind !== 'ignored') files.push({ path, tag: object.tag, size: object.size });
    }
    if (listed === null) return { files, foreign, manifest: null };
    const manifest = await readManifest(bucket, prefix, listed, signal);
    if (manifest !== null) return { files, foreign, manifest };
  }
  throw new CliError(75, 'someone else is syncing: the manifest changes all the while', 'Try again.');
}

async function readManifest(
  bucket: Bucket,
  prefix: string,
  listed: { readonly tag: string; readonly size: number; readonly modifiedAt: number },
  signal: AbortSignal,
): Promise<RemoteManifest | null> {
  const { tag, modifiedAt: putAt } = listed;
  if (listed.size > MAX_MANIFEST_BYTES) {
    const bytes = new Uint8Array();
    return { tag, bytes, putAt, parse: { kind: 'malformed', reason: 'is too large' } };
  }
  const read = await bucket.read(`${prefix}${MANIFEST_PATH}`, { maxBytes: MAX_MANIFEST_BYTES, tag }, signal);
  return read === null ? null : { tag, bytes: read.bytes, putAt, parse: parseManifest(read.bytes) };
}

/**
 * The content of these files there, of exactly the listed versions; null for what is larger than configuration may
 * be. Throws CliError 75 when one was replaced meanwhile.
 */
export async function readContents(options: {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly paths: readonly string[];
  readonly remote: readonly RemoteFile[];
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}): Promise<ReadonlyMap<string, Uint8Array | null>> {
  const { bucket, prefix, paths, remote, maxBytes, signal } = options;
  const wanted = new Set(paths);
  const contents = new Map<string, Uint8Array | null>();
  const tasks = remote
    .filter(({ path }) => wanted.has(path))
    .map(({ path, tag, size }) => async () => {
      const read = size > maxBytes ? null : await bucket.read(`${prefix}${path}`, { maxBytes, tag }, signal);
      if (read === null && size <= maxBytes) {
        throw new CliError(75, `someone else changes ${path} right now`, 'Try again.');
      }
      contents.set(path, read === null ? null : read.bytes);
    });
  await runLimited(tasks, CONCURRENCY);
  return contents;
}
