/** What a sync does to a group's etc directory in S3, file by file. Pure. */
import { compareText } from '../digest.ts';
import { describeChange, type FileChange } from '../file-change.ts';
import { widenedExposure } from '../gate/exposure.ts';
import { guardDeletions } from '../guard.ts';
import type { FinalManifest } from '../manifest.ts';
import type { SourceFile } from '../types.ts';

/** A file to sync, read and digested. */
export interface LocalFile extends SourceFile {
  readonly sha256: string;
}

/** A file that lies there. */
export interface RemoteFile {
  readonly path: string;
  readonly tag: string;
  readonly size: number;
}

export interface Upload extends FileChange {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** The version that it replaces; null where there is none. */
  readonly tag: string | null;
}

export interface Deletion {
  readonly path: string;
  readonly tag: string;
  readonly effect: FileChange['effect'];
}

export interface SyncPlan {
  /** In path order, and so are all others. */
  readonly uploads: readonly Upload[];
  readonly deletions: readonly Deletion[];
  readonly unchanged: readonly { readonly path: string; readonly tag: string }[];
  /** Paths that the gateway keeps live until a person agrees: gone with their whole directory. */
  readonly lost: readonly string[];
  /** Catalogs that would show more than what is proven, or lies there. */
  readonly widened: readonly { readonly path: string; readonly reason: string }[];
  /** Catalogs that list their databases from now on. */
  readonly narrowed: readonly string[];
}

/**
 * Files on both sides whose content there is not known to be the local one: they have to be read. The manifest is
 * believed for exactly the version of an object that it names.
 */
export function pathsToRead(
  local: readonly LocalFile[],
  remote: readonly RemoteFile[],
  manifest: FinalManifest | null,
): readonly string[] {
  const there = new Map(remote.map((file) => [file.path, file]));
  const told = new Map((manifest?.files ?? []).map((file) => [file.path, file]));
  return local.flatMap(({ path, sha256 }) => {
    const [object, entry] = [there.get(path), told.get(path)];
    if (object === undefined) return [];
    return entry?.tag === object.tag && entry.sha256 === sha256 ? [] : [path];
  });
}

/**
 * `read` holds the content of all `pathsToRead` (null for one that is too large to be configuration); what is not
 * in it is as the local file is. `proven` are the files that the gateway compares with, when it told.
 */
export function planSync(options: {
  readonly local: readonly LocalFile[];
  readonly remote: readonly RemoteFile[];
  readonly read: ReadonlyMap<string, Uint8Array | null>;
  readonly proven: readonly SourceFile[] | null;
}): SyncPlan {
  const { local, remote, read, proven } = options;
  const here = new Map(local.map((file) => [file.path, file]));
  const there = new Map(remote.map((file) => [file.path, file]));
  const contentOf = (path: string): Uint8Array | null => {
    if (!there.has(path)) return null;
    return read.has(path) ? (read.get(path) ?? null) : (here.get(path)?.bytes ?? null);
  };
  const uploads: Upload[] = [];
  const unchanged: { path: string; tag: string }[] = [];
  for (const { path, bytes, sha256 } of local.toSorted(byPath)) {
    const tag = there.get(path)?.tag ?? null;
    const change = describeChange(path, contentOf(path), bytes);
    if (tag !== null && !change.isChanged) unchanged.push({ path, tag });
    else uploads.push({ path, bytes, sha256, tag, ...change, isChanged: true });
  }
  const before = remote.flatMap(({ path }) => {
    const bytes = contentOf(path);
    return bytes === null ? [] : [{ path, bytes }];
  });
  const ground = proven ?? (before.length === 0 ? null : before);
  const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);
  const widened = ground === null ? [] : widenedExposure(ground, local);
  return {
    uploads,
    unchanged,
    deletions: remote
      .filter(({ path }) => !here.has(path))
      .toSorted(byPath)
      .map(({ path, tag }) => ({
        path,
        tag,
        effect: path.startsWith('catalog/') ? 'restart' : 'hot-reload',
      })),
    lost: guardDeletions({
      baseline: [...new Set([...paths(proven ?? []), ...paths(remote)])],
      kept: [],
      snapshot: paths(local),
      acknowledged: [],
    }).kept,
    widened,
    narrowed: paths(ground === null ? [] : widenedExposure(local, ground)).filter(
      (path) => here.has(path) && !widened.some((one) => one.path === path),
    ),
  };
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }) => compareText(a.path, b.path);
