import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a reader of the live etc sees: relative path to text. Temporary files of a publish are not part of it. */
export type LiveState = ReadonlyMap<string, string>;

const DIRECTORIES = ['catalog', 'datomic'];
const isConfiguration = (file: string) => /^[^.].*\.(properties|edn|config)$/.test(file);

const isAbsent = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function listFiles(etc: string): Promise<string[]> {
  const lists = await Promise.all(
    ['', ...DIRECTORIES].map(async (directory) => {
      try {
        const entries = await readdir(path.join(etc, directory), { withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile() && isConfiguration(entry.name))
          .map((entry) => path.join(directory, entry.name));
      } catch (error) {
        if (!isAbsent(error)) throw error;
        return [];
      }
    }),
  );
  return lists.flat().sort();
}

/** Names, inodes and times of all files: equal before and after a read, the read was one moment. */
async function describeFiles(etc: string): Promise<string> {
  const files = await listFiles(etc);
  const lines = await Promise.all(
    files.map(async (file) => {
      const { ino, mtimeMs, size } = await stat(path.join(etc, file));
      return [file, ino, mtimeMs, size].join('\0');
    }),
  );
  return lines.join('\n');
}

async function readOnce(etc: string): Promise<LiveState | null> {
  try {
    const before = await describeFiles(etc);
    const files = before === '' ? [] : before.split('\n').map((line) => line.split('\0')[0] ?? '');
    const entries = await Promise.all(
      files.map(
        async (file): Promise<[string, string]> => [file, await readFile(path.join(etc, file), 'utf8')],
      ),
    );
    return (await describeFiles(etc)) === before ? new Map(entries) : null;
  } catch (error) {
    // A file went away between listing and reading: not one moment, so not a state.
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** One state of the live etc as it was at one moment. */
export async function readLive(etc: string): Promise<LiveState> {
  for (;;) {
    const state = await readOnce(etc);
    if (state !== null) return state;
  }
}

export interface LiveWatcher {
  /** Every different state seen so far, oldest first. */
  readonly states: readonly LiveState[];
  stop(): Promise<void>;
}

const isSame = (a: LiveState, b: LiveState) =>
  a.size === b.size && [...a].every(([file, text]) => b.get(file) === text);

/**
 * Samples the live etc until stopped: at each file event and every few milliseconds besides. States shorter than
 * one sample can be missed; a state that is recorded was really there.
 */
export async function watchLive(etc: string): Promise<LiveWatcher> {
  const states: LiveState[] = [];
  const watchers: FSWatcher[] = [];
  let isStopped = false;
  let wake: () => void = () => undefined;
  for (const directory of ['', ...DIRECTORIES]) {
    await mkdir(path.join(etc, directory), { recursive: true });
    watchers.push(watch(path.join(etc, directory), () => wake()));
  }
  const sample = async () => {
    const state = await readOnce(etc);
    const last = states.at(-1);
    if (state !== null && (last === undefined || !isSame(last, state))) states.push(state);
  };
  const run = async () => {
    while (!isStopped) {
      const event = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await sample();
      await Promise.race([event, sleep(5)]);
    }
  };
  const running = run();
  return {
    states,
    async stop() {
      isStopped = true;
      for (const watcher of watchers) watcher.close();
      wake();
      await running;
      await sample();
    },
  };
}

/**
 * The states that a reader may see while `before` becomes `after`: additions and changes in path order, then
 * deletions in path order (DESIGN section 6).
 */
export function listPrefixes(before: LiveState, after: LiveState): LiveState[] {
  const steps = [
    ...[...after.keys()].sort().filter((file) => before.get(file) !== after.get(file)),
    ...[...before.keys()].sort().filter((file) => !after.has(file)),
  ];
  const state = new Map(before);
  return [
    new Map(state),
    ...steps.map((file) => {
      const text = after.get(file);
      if (text === undefined) state.delete(file);
      else state.set(file, text);
      return new Map(state);
    }),
  ];
}

/** Whether the state is one of those. */
export const isOneOf = (state: LiveState, allowed: readonly LiveState[]): boolean =>
  allowed.some((candidate) => isSame(candidate, state));
