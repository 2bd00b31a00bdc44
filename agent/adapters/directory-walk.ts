import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ListedObject } from '../ports.ts';

/** A source is small; whoever points the agent at a home directory is told instead of served. */
const MAX_ENTRIES = 20_000;

/** Changes whenever the content may have changed. `ctime` cannot be set back by hand, `mtime` can. */
export function makeTag({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join('.');
}

/**
 * Everything below `root`, through no symbolic link. What is neither file nor directory is listed under a name that
 * says so: it is then foreign, so it is reported and never read. Null when there are too many entries.
 * Rejects with Node's own errors; what vanishes meanwhile is left out.
 */
export async function walkDirectory(root: string, group: string): Promise<readonly ListedObject[] | null> {
  const objects: ListedObject[] = [];
  const directories = [''];
  let entries = 0;
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const entry of await readEntries(root, directory)) {
      entries += 1;
      if (entries > MAX_ENTRIES) return null;
      const relative = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        directories.push(relative);
        continue;
      }
      const stat = await statEntry(path.join(root, relative));
      if (stat === null || stat.isDirectory()) continue;
      const name = stat.isFile()
        ? relative
        : `${relative} (${stat.isSymbolicLink() ? 'a symbolic link' : 'not a file'})`;
      const modifiedAt = Number(stat.mtimeNs / 1_000_000n);
      objects.push({ group, path: name, tag: makeTag(stat), size: Number(stat.size), modifiedAt });
    }
  }
  return objects;
}

async function readEntries(root: string, directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path.join(root, directory), { withFileTypes: true });
  } catch (error) {
    // Gone since its parent was read. The root itself must be there.
    if (directory !== '' && isGone(error)) return [];
    throw error;
  }
}

async function statEntry(file: string): Promise<BigIntStats | null> {
  try {
    return await lstat(file, { bigint: true });
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** The path, or a directory on the way to it, is not there. */
export function isGone(error: unknown): boolean {
  const code = findErrno(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** `ENOENT` and the like; null for what is no system error. */
export function findErrno(error: unknown): string | null {
  const code = error instanceof Error ? Reflect.get(error, 'code') : null;
  return typeof code === 'string' ? code : null;
}
