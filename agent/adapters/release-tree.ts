import { dirname, join } from 'node:path';
import { AgentError } from '../core/errors.ts';
import { FILE_MODE, managedKindOf } from '../core/managed-path.ts';
import type { Release } from '../core/release.ts';
import { documentOf } from '../core/release-document.ts';
import type { SourceFile } from '../core/types.ts';
import type { FileOperations } from './file-operations.ts';
import { runLimited } from './limit-concurrency.ts';

/** Writes wait for the disk, not for the processor: some at once let it commit them together. */
const PARALLEL_WRITES = 8;
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/**
 * Lays a release out in a new directory, every file and directory fsynced. Files of `etc` that are byte for byte
 * those of `source` (all metaschemas) are second names of them: half the writes, half the waiting for the disk.
 * Rejects with Node's own error.
 */
export async function writeReleaseTree(options: {
  readonly dir: string;
  readonly release: Release;
  readonly operations: FileOperations;
}): Promise<void> {
  const { dir, release, operations } = options;
  const sources = new Map(release.source.map((file) => [file.path, file.bytes]));
  const same = release.etc.filter((file) => isEqual(sources.get(file.path), file.bytes));
  const other = release.etc.filter((file) => !isEqual(sources.get(file.path), file.bytes));

  const directories = directoriesOf(release).map((path) => join(dir, path));
  for (const path of [dir, ...directories]) await operations.makeDirectory(path);

  const write = (path: string, bytes: Uint8Array) => () =>
    operations.writeNew(join(dir, path), bytes, FILE_MODE);
  const document = Buffer.from(`${JSON.stringify(documentOf(release), null, 1)}\n`);
  await runLimited(
    [
      write('release.json', document),
      ...release.source.map((file) => write(pathIn('source', file), file.bytes)),
      ...other.map((file) => write(pathIn('etc', file), file.bytes)),
    ],
    PARALLEL_WRITES,
  );
  for (const file of same) {
    await operations
      .link(join(dir, pathIn('source', file)), join(dir, pathIn('etc', file)))
      .catch((error: NodeJS.ErrnoException) => {
        // File systems without second names get a second file.
        if (NO_LINKS.has(error.code ?? '')) return write(pathIn('etc', file), file.bytes)();
        throw error;
      });
  }
  const sync = [...directories, dir].map((path) => () => operations.syncDirectory(path));
  await runLimited(sync, PARALLEL_WRITES);
}

function pathIn(tree: 'source' | 'etc', file: SourceFile): string {
  if (managedKindOf(file.path) === null) {
    throw new AgentError('INVARIANT', 'a release holds managed paths only', { fields: { path: file.path } });
  }
  return `${tree}/${file.path}`;
}

/** Parents before children. */
function directoriesOf(release: Release): readonly string[] {
  const parents = [
    ...release.source.map((file) => dirname(pathIn('source', file))),
    ...release.etc.map((file) => dirname(pathIn('etc', file))),
  ];
  return [...new Set(['source', 'etc', ...parents])];
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
