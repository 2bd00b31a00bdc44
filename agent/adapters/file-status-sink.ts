import { basename, dirname } from 'node:path';
import { AgentError } from '../core/errors.ts';
import type { StatusSink } from '../ports.ts';
import { partialPathOf, removeQuietly, sweepPartials } from './atomic-file.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';

/**
 * The status document as a file, replaced by rename: a reader sees a whole document; who may read it is the
 * umask's matter. Not fsynced: after a power cut it is out of date anyway, and it is written after each cycle.
 * Rejects with STATUS_FAILED.
 */
export function createFileStatusSink(options: {
  readonly path: string;
  readonly operations?: FileOperations;
}): StatusSink {
  const { path } = options;
  const operations = options.operations ?? fileOperations;
  let isReady = false;

  async function prepare(): Promise<void> {
    await operations.makeDirectories(dirname(path), 0o755);
    await sweepPartials(dirname(path), { of: basename(path), operations });
    isReady = true;
  }

  return {
    async write(status) {
      const partial = partialPathOf(path);
      try {
        if (!isReady) await prepare();
        await operations.writeUnsynced(partial, Buffer.from(`${JSON.stringify(status, null, 1)}\n`), 0o644);
        await operations.rename(partial, path);
      } catch (error) {
        isReady = false;
        await removeQuietly(operations, partial);
        const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
        throw new AgentError('STATUS_FAILED', 'cannot write the status', {
          fields: { path, errno },
          cause: error,
        });
      }
    },
  };
}
