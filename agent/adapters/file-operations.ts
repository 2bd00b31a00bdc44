import { constants } from 'node:fs';
import { link, mkdir, open, rename, rm, rmdir, unlink } from 'node:fs/promises';

/**
 * The steps that change a disk, each one that can be cut off by a kill or fail by itself. Everything durable is
 * made from these alone, so that a test can stop before, in and after each of them.
 */
export interface FileOperations {
  /** Creates a file that must not exist, with exactly this mode, and writes and fsyncs it. */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** A second name for a file that is already durable. */
  link(existing: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** fsync of a directory: makes renames, creations and removals in it durable. */
  syncDirectory(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Removes whatever is there, links not followed; nothing there is fine. */
  removeTree(path: string): Promise<void>;
}

/** The operations on the real disk. Errors are Node's own: the adapter that uses them translates. */
export const fileOperations: FileOperations = {
  writeNew,
  link,
  rename,
  syncDirectory,
  // Group and setgid come from the parent: nothing here changes them afterwards.
  makeDirectory: async (path) => {
    await mkdir(path, { mode: 0o750 });
  },
  unlink,
  removeDirectory: rmdir,
  removeTree: (path) => rm(path, { recursive: true, force: true }),
};

async function writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  const file = await open(path, flags, mode);
  try {
    // The umask may have taken bits away that readers in the group need.
    await file.chmod(mode);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
