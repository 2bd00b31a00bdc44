import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SourceFile } from '../core/types.ts';

export type SchemaFiles =
  | { readonly kind: 'files'; readonly files: readonly SourceFile[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'too-large'; readonly maxBytes: number };

/** Larger than any schema: a dump of a database was named by mistake. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The files of one Datomic schema: a file, or the `*.edn` of a directory in the order of their names. Links are
 * followed: a person named them. Paths are as given. Rejects with Node's own error where the disk is to blame.
 */
export async function readSchemaFiles(named: string): Promise<SchemaFiles> {
  try {
    const isDirectory = (await stat(named)).isDirectory();
    const paths = isDirectory ? await listEdn(named) : [named];
    const sizes = await Promise.all(paths.map(async (file) => (await stat(file)).size));
    if (sizes.reduce((sum, size) => sum + size, 0) > MAX_BYTES) {
      return { kind: 'too-large', maxBytes: MAX_BYTES };
    }
    const files = await Promise.all(paths.map(async (file) => ({ path: file, bytes: await readFile(file) })));
    return { kind: 'files', files };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'denied' };
    throw error;
  }
}

async function listEdn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.edn$/.test(entry.name))
    .map((entry) => path.join(directory, entry.name))
    .sort();
}
