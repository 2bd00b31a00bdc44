import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AgentError } from '../core/errors.ts';
import type { StatusSink } from '../ports.ts';
import { partialPathOf, removeQuietly, sweepPartials } from './atomic-file.ts';
import { fileOperations } from './file-operations.ts';

/**
 * The status document as a file, replaced by rename: a reader sees a whole document; who may read it is the
 * umask's matter. Not fsynced: after a power cut it is out of date anyway, and it is written after each cycle.
 * Rejects with STATUS_FAILED.
 */
export function createFileStatusSink(options: { readonly path: string }): StatusSink {
  const { path } = options;
  let isReady = false;

  async function prepare(): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await sweepPartials(dirname(path), { of: basename(path) });
    isReady = true;
  }

  return {
    async write(status) {
      const partial = partialPathOf(path);
      try {
        if (!isReady) await prepare();
        await writeFile(partial, `${JSON.stringify(status, null, 1)}\n`, { mode: 0o644, flag: 'wx' });
        await rename(partial, path);
      } catch (error) {
        isReady = false;
        await removeQuietly(fileOperations, partial);
        const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
        throw new AgentError('STATUS_FAILED', 'cannot write the status', {
          fields: { path, errno },
          cause: error,
        });
      }
    },
  };
}
