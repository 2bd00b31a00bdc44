import { constants } from 'node:fs';
import { access, lstat, statfs } from 'node:fs/promises';

export type DirectoryCondition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'no-directory' }
  /** Something on the way may not be passed. */
  | { readonly kind: 'denied' }
  | {
      readonly kind: 'found';
      /** By who runs this program. */
      readonly isWritable: boolean;
      readonly isOpenToAll: boolean;
      readonly freeBytes: number;
      readonly freeFiles: number;
    };

const WRITE_FOR_ALL = 0o002;
const STICKY = 0o1000;

/** How a directory lies on its disk. Rejects with Node's own error only where the disk is to blame. */
export async function examineDirectory(path: string): Promise<DirectoryCondition> {
  try {
    const stat = await lstat(path);
    if (!stat.isDirectory()) return { kind: 'no-directory' };
    const disk = await statfs(path);
    const isWritable = await access(path, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    return {
      kind: 'found',
      isWritable,
      isOpenToAll: (stat.mode & WRITE_FOR_ALL) !== 0 && (stat.mode & STICKY) === 0,
      freeBytes: disk.bavail * disk.bsize,
      // File systems without a table of inodes tell 0 of 0.
      freeFiles: disk.files === 0 ? Number.POSITIVE_INFINITY : disk.ffree,
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'denied' };
    throw error;
  }
}

/** Permission bits of a file, or null when it is not there or cannot be looked at. */
export async function readMode(path: string): Promise<number | null> {
  return await lstat(path).then(
    ({ mode }) => mode & 0o777,
    () => null,
  );
}
