/** The disk of a gateway as real files under the real adapters, each of their steps an effect of the fault port. */
import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type FileOperations, fileOperations } from '../../agent/adapters/file-operations.ts';
import { createFileStatusSink } from '../../agent/adapters/file-status-sink.ts';
import { createHistoryFile } from '../../agent/adapters/history-file.ts';
import { createLiveEtc } from '../../agent/adapters/live-etc.ts';
import { createMemoryFile } from '../../agent/adapters/memory-file.ts';
import { readReleaseDirectory } from '../../agent/adapters/release-directory.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { createRequestSpool } from '../../agent/adapters/request-spool.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import type { Answer } from '../../agent/core/answer.ts';
import { layoutOf } from '../../agent/core/layout.ts';
import { managedKindOf } from '../../agent/core/managed-path.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { Intent } from '../../agent/core/release.ts';
import type { Status } from '../../agent/core/status.ts';
import type { Clock } from '../../agent/ports.ts';
import type { DiskOpening, WorldDisk } from './disk-view.ts';

const halfOf = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length / 2));

/** The real operations through the fault port. `onChange` is told of each path whose name changed. */
function faultyOperations(
  { faults, life }: DiskOpening,
  root: string,
  onChange: (path: string) => void,
): FileOperations {
  const step =
    <A extends readonly [string, ...unknown[]], T>(
      name: string,
      run: (...args: A) => Promise<T>,
      half?: (...args: A) => Promise<void>,
    ) =>
    (...args: A): Promise<T> =>
      faults.effect(
        life,
        'file',
        `${name} ${relative(root, args[0])
          .replace(/[0-9a-f]{12,64}/g, '*')
          .replace(/\d{2,}-/, '')}`,
        async () => {
          const result = await run(...args);
          onChange(args[0]);
          return result;
        },
        half === undefined ? undefined : () => half(...args),
      );
  const tear = async (path: string, bytes: Uint8Array) => await writeFile(path, halfOf(bytes));
  return {
    writeNew: step('writeNew', fileOperations.writeNew, tear),
    writeUnsynced: step('writeUnsynced', fileOperations.writeUnsynced, tear),
    append: step(
      'append',
      fileOperations.append,
      async (path, bytes) => await appendFile(path, halfOf(bytes)),
    ),
    link: step('link', fileOperations.link),
    rename: step('rename', fileOperations.rename),
    syncDirectory: step('sync', fileOperations.syncDirectory),
    makeDirectory: step('mkdir', fileOperations.makeDirectory),
    // Nearly always all of them are there: only what is made counts.
    makeDirectories: async (path, mode) =>
      life.isDead() ? undefined : await mkdir(path, { recursive: true, mode }),
    unlink: step('unlink', fileOperations.unlink),
    removeDirectory: step('rmdir', fileOperations.removeDirectory),
    removeTree: step('removeTree', fileOperations.removeTree),
  };
}

export function createFileDisk(root: string): WorldDisk {
  const paths = { state: join(root, 'state'), run: join(root, 'run') };
  const etc = join(root, 'etc');
  const layout = layoutOf(paths);
  let onLive: () => void = () => undefined;

  const prepare = () => {
    for (const dir of [paths.state, paths.run, layout.storeDir, layout.requestsDir, layout.answersDir, etc])
      mkdirSync(dir, { recursive: true });
  };
  const readText = (path: string): string | null => {
    try {
      return readFileSync(path, 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  const readJson = <T>(path: string): T | null => {
    const text = readText(path);
    return text === null ? null : (JSON.parse(text) as T);
  };
  const namesIn = (dir: string): readonly string[] => {
    try {
      return readdirSync(dir).filter((name) => !name.startsWith('.'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  };
  prepare();

  return {
    open(opening) {
      const operations = faultyOperations(opening, root, (path) => {
        if (path.startsWith(etc)) onLive();
      });
      const clock: Pick<Clock, 'now'> = { now: opening.now };
      const spool = createRequestSpool({
        requestsDir: layout.requestsDir,
        answersDir: layout.answersDir,
        clock: clock as Clock,
        operations,
      });
      return {
        store: createReleaseStore({ dir: layout.storeDir, sha256, operations }),
        live: createLiveEtc({ dir: etc, sha256, operations }),
        memoryFile: createMemoryFile({ path: layout.memoryFile, operations }),
        provenFile: createMemoryFile({ path: `${layout.storeDir}/proven.json`, operations }),
        spool: {
          ...spool,
          watch: (onEvent) => {
            opening.onWatch(onEvent);
            return { close: () => undefined };
          },
        },
        history: createHistoryFile({ path: layout.historyFile, operations }),
        statusSink: createFileStatusSink({ path: layout.statusFile, operations }),
      };
    },
    intent: () => readJson<Intent>(join(layout.storeDir, 'intent.json')),
    release: (digest) => readReleaseDirectory({ storeDir: layout.storeDir, digest, sha256 }),
    live: () => {
      const found = ['', 'catalog', 'datomic'].flatMap((dir) =>
        namesIn(join(etc, dir)).map((name) => join(dir, name)),
      );
      return new Map(
        found
          .filter((path) => managedKindOf(path) !== null)
          .map((path) => [path, readFileSync(join(etc, path), 'latin1')]),
      );
    },
    memory: () => readJson<Memory>(layout.memoryFile),
    status: () => readJson<Status>(layout.statusFile),
    answers: () =>
      new Map(
        namesIn(layout.answersDir).map((name) => [
          name.replace(/\.json$/, ''),
          JSON.parse(readFileSync(join(layout.answersDir, name), 'utf8')) as Answer,
        ]),
      ),
    requests: () => namesIn(layout.requestsDir).map((name) => name.replace(/\.json$/, '')),
    dropRequest: (id, text, at) => {
      const path = join(layout.requestsDir, `${id}.json`);
      writeFileSync(path, text);
      utimesSync(path, at / 1_000, at / 1_000);
    },
    editLive: (path, text) => {
      mkdirSync(dirname(join(etc, path)), { recursive: true });
      if (text === null) unlinkSync(join(etc, path));
      else writeFileSync(join(etc, path), text);
    },
    loseMemory: () => rmSync(layout.memoryFile, { force: true }),
    wipe: () => {
      rmSync(root, { recursive: true });
      prepare();
    },
    watchLive: (next) => {
      onLive = next;
    },
  };
}
