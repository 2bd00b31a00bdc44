import { appendFile, copyFile, open, rename, stat, truncate } from 'node:fs/promises';

/** What the child prints: a file of bounded size, and one before it. */
export interface ChildLog {
  readonly file: string;
  /** Sets a full file aside. Between two runs only: a child writes to the file that it was given. */
  rotate(): Promise<void>;
  append(line: string): Promise<void>;
  /** Cuts a file that a long run has filled. Cheap; call often. */
  trim(): Promise<void>;
  /** The newest lines, oldest first. */
  tail(lines: number): Promise<readonly string[]>;
}

/** How much of the end of a file is read for `tail`. */
const TAIL_BYTES = 256 * 1024;

/**
 * The child has the file itself as its output, opened for appending, so it can go on writing when the agent is
 * dead. A full file is renamed between two runs; within a run it is copied and emptied, and since each write goes
 * to the end as it is then, only what is printed between copy and emptying is lost.
 */
export function createChildLog({ file, maxBytes }: { file: string; maxBytes: number }): ChildLog {
  const older = `${file}.1`;
  const isFull = async () => {
    const found = await stat(file).catch(() => null);
    return found !== null && found.size > maxBytes;
  };
  return {
    file,
    rotate: async () => {
      if (await isFull()) await rename(file, older);
    },
    append: (line) => appendFile(file, `${line}\n`, { mode: 0o640 }),
    trim: async () => {
      if (!(await isFull())) return;
      // On a full disk the bound matters more than what it costs.
      await copyFile(file, older).catch(() => undefined);
      await truncate(file, 0);
    },
    tail: async (lines) => {
      if (lines <= 0) return [];
      const newest = await readLastLines(file);
      const before = newest.length < lines ? await readLastLines(older) : [];
      return [...before, ...newest].slice(-lines);
    },
  };
}

async function readLastLines(file: string): Promise<readonly string[]> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first line of a cut is a piece of one; after the last end of line there is none.
    return lines.slice(length < size ? 1 : 0, lines.at(-1) === '' ? -1 : undefined);
  } finally {
    await handle.close();
  }
}
