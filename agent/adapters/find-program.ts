import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** Where a program lies that a shell would find; null when there is none. */
export async function findProgram(name: string, searchPath: string | undefined): Promise<string | null> {
  for (const directory of (searchPath ?? '').split(path.delimiter).filter((entry) => entry !== '')) {
    const file = path.join(directory, name);
    const isProgram = await access(file, constants.X_OK)
      .then(async () => (await stat(file)).isFile())
      // Not there, or not ours to run: the next directory may have it.
      .catch(() => false);
    if (isProgram) return file;
  }
  return null;
}
