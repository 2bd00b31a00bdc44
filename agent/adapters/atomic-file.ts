import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileOperations, fileOperations } from './file-operations.ts';

/** `.NAME.PID-RANDOM.partial`, beside NAME: a name that no reader of the directory takes for content. */
const PARTIAL = /^\..+\.\d+-[0-9a-f]{12}\.partial$/;

/** A temporary name beside `path` that nobody else uses. */
export function partialPathOf(path: string): string {
  const unique = `${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dirname(path), `.${basename(path)}.${unique}.partial`);
}

/**
 * Replaces a file durably: unique temporary name beside it, write, fsync, rename, fsync of the directory. A
 * reader sees the old bytes or the new ones. Rejects with Node's own error; the old file is then intact.
 */
export async function writeFileAtomically(options: {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly operations?: FileOperations;
}): Promise<void> {
  const operations = options.operations ?? fileOperations;
  const partial = partialPathOf(options.path);
  try {
    await operations.writeNew(partial, options.bytes, options.mode);
    await operations.rename(partial, options.path);
  } catch (error) {
    await removeQuietly(operations, partial);
    throw error;
  }
  await operations.syncDirectory(dirname(options.path));
}

/**
 * Removes what interrupted writes left in a directory: all of it, or with `of` only leftovers of that one name,
 * where others write to the directory too. Resolves with the names; no directory is no leftover.
 */
export async function sweepPartials(
  dir: string,
  options: { readonly of?: string; readonly operations?: FileOperations } = {},
): Promise<readonly string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const prefix = options.of === undefined ? '.' : `.${options.of}.`;
  const leftovers = names.filter((name) => name.startsWith(prefix) && PARTIAL.test(name));
  for (const name of leftovers) await (options.operations ?? fileOperations).removeTree(join(dir, name));
  return leftovers;
}

/** Takes away a temporary file after a failure that is about to be reported; the next sweep gets it otherwise. */
export async function removeQuietly(operations: FileOperations, path: string): Promise<void> {
  await operations.removeTree(path).catch(() => undefined);
}
