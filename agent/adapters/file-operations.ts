import { constants } from 'node:fs';
import { appendFile, link, mkdir, open, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';

/**
 * The steps that change a disk, each one that can be cut off by a kill or fail by itself. Everything that the agent keeps
 * on disk is made from these alone, so that a test can stop before, in and after each of them.
 */
export interface FileOperations {
  /** Creates a file that must not exist, with exactly this mode, and writes and fsyncs it. */
  writeNew(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** Creates a file that must not exist; after a power cut it may be empty or gone. */
  writeUnsynced(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** Appends to a file, which is created if need be; not fsynced. No link is followed. */
  append(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** A second name for a file that is already durable. */
  link(existing: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** fsync of a directory: makes renames, creations and removals in it durable. */
  syncDirectory(path: string): Promise<void>;
  makeDirectory(path: string): Promise<void>;
  /** With its parents. Resolves with the first one that was made, undefined when all were there. */
  makeDirectories(path: string, mode: number): Promise<string | undefined>;
  unlink(path: string): Promise<void>;
  /** Removes an empty directory. */
  removeDirectory(path: string): Promise<void>;
  /** Removes whatever is there, links not followed; nothing there is fine. */
  removeTree(path: string): Promise<void>;
}

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** The operations on the real disk. Errors are Node's own: the adapter that uses them translates. */
export const fileOperations: FileOperations = {
  writeNew,
  writeUnsynced: (path, bytes, mode) => writeFile(path, bytes, { mode, flag: 'wx' }),
  append: (path, bytes, mode) => appendFile(path, bytes, { mode, flag: APPEND as unknown as string }),
  link,
  rename,
  syncDirectory,
  // Group and setgid come from the parent: nothing here changes them afterwards.
  makeDirectory: async (path) => {
    await mkdir(path, { mode: 0o750 });
  },
  makeDirectories: (path, mode) => mkdir(path, { recursive: true, mode }),
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
