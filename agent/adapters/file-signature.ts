import { lstat } from 'node:fs/promises';

/** Changes whenever the file may have changed; links are not followed; null when nothing is there. */
export async function readSignature(path: string): Promise<string | null> {
  try {
    const stat = await lstat(path, { bigint: true });
    return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
