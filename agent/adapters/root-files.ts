import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '../core/errors.ts';
import type { RootFiles } from '../ports/access.ts';
import { sweepPartials, writeFileAtomically } from './atomic-file.ts';
import { fileOperations } from './file-operations.ts';
import { readRegularFile } from './regular-file.ts';

const MAX_BYTES = 256 * 1024;
/** sshd reads them as the user that logs in. Nothing in them is secret. */
const MODE = 0o644;

/** Files in one directory that only root writes to. */
export function createRootFiles(dir: string): RootFiles {
  const read = (name: string) =>
    translate('cannot read a file of client access', join(dir, name), async () => {
      const bytes = await readRegularFile(join(dir, name), MAX_BYTES);
      return bytes === null ? null : Buffer.from(bytes).toString('utf8');
    });
  return {
    read,
    write: (name, text) =>
      translate('cannot write a file of client access', join(dir, name), async () => {
        if ((await read(name)) === text) return;
        await sweepPartials(dir, { of: name });
        await writeFileAtomically({ path: join(dir, name), bytes: Buffer.from(text), mode: MODE });
      }),
    remove: (name) =>
      translate('cannot remove a file of client access', join(dir, name), async () => {
        await fileOperations.removeTree(join(dir, name));
        await fileOperations.syncDirectory(dir);
      }),
  };
}

/** A public key and when its file was made; null when there is none. */
export async function readHostKeyFile(
  path: string,
): Promise<{ readonly text: string; readonly madeAt: number } | null> {
  return await translate('cannot read the host key', path, async () => {
    const bytes = await readRegularFile(path, MAX_BYTES);
    if (bytes === null) return null;
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return { text: Buffer.from(bytes).toString('utf8'), madeAt: Math.floor((await file.stat()).mtimeMs) };
    } finally {
      await file.close();
    }
  });
}

async function translate<T>(message: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('ACCESS_FAILED', message, { fields: { path, errno }, cause: error });
  }
}
