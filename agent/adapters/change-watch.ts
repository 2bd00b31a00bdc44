/** Whether directories can have changed since they were last looked at: the kernel tells, so an idle look costs nothing. */
import { type FSWatcher, watch } from 'node:fs';

/**
 * The kernel does not tell of everything: not of a write through memory, through another name of the same file, or on
 * another machine's file system. What it may have missed is found by looking as often as this.
 */
const LONGEST_TRUST_MS = 5 * 60_000;

export interface ChangeWatch {
  /** Call before a look: watches what is there now. What changes from here on is told by `isUnchanged`. */
  begin(): void;
  /** False when something may have changed since `begin`; always where the kernel cannot tell. */
  isUnchanged(): Promise<boolean>;
}

/** Watches the directories themselves and the files in them, not what lies deeper; one that is not there is none. */
export function createChangeWatch(options: {
  readonly directories: readonly string[];
  readonly now?: () => number;
}): ChangeWatch {
  const { directories } = options;
  // Not the wall clock: it can be set back.
  const now = options.now ?? (() => performance.now());
  const watchers: FSWatcher[] = [];
  let isKnown = false;
  let isTold = false;
  let begunAt = 0;

  /** Whether this directory is watched from now on, or is not there. */
  const follow = (directory: string): boolean => {
    const tell = () => {
      isTold = true;
    };
    try {
      watchers.push(watch(directory, { persistent: false }, tell).on('error', tell));
      return true;
    } catch (error) {
      // Where no watches are left, or the file system has none, nothing is known and each look is a whole one.
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  };

  return {
    begin: () => {
      // Only a change can have replaced a directory: the watches of the last look are good until something is told.
      const isFresh = isKnown && !isTold;
      begunAt = now();
      isTold = false;
      if (isFresh) return;
      for (const watcher of watchers.splice(0)) watcher.close();
      isKnown = directories.map(follow).every(Boolean);
    },
    isUnchanged: async () => {
      if (!isKnown || isTold || now() - begunAt > LONGEST_TRUST_MS) return false;
      // Whatever was written before this call is told within one turn of the event loop; this one may be half over.
      for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return !isTold;
    },
  };
}
