/**
 * The disk of a gateway in memory: what outlives the agent, and the ports of one life on it. Each step that a reader or
 * the next life could tell apart is an effect of its own.
 */
import { sha256 } from '../../agent/adapters/sha256.ts';
import type { Answer } from '../../agent/core/answer.ts';
import { compareText, releaseDigest } from '../../agent/core/digest.ts';
import { AgentError, type ErrorCode } from '../../agent/core/errors.ts';
import { managedKindOf } from '../../agent/core/managed-path.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { OpenRequest } from '../../agent/core/observed.ts';
import type { Intent, Release } from '../../agent/core/release.ts';
import { decodeRequest } from '../../agent/core/request-document.ts';
import type { Status } from '../../agent/core/status.ts';
import type { Digest } from '../../agent/core/types.ts';
import type { MemoryFile } from '../../agent/ports.ts';
import type { DiskOpening, DiskPorts, WorldDisk } from './disk-view.ts';
import { Injected } from './fault-port.ts';

const NEWEST_KEPT = 5;

export interface MemoryDisk {
  readonly releases: Map<Digest, Release>;
  /** Path to text. */
  readonly live: Map<string, string>;
  intent: Intent | null;
  memory: string | null;
  proven: string | null;
  readonly requests: Map<string, { readonly text: string; readonly at: number }>;
  readonly answers: Map<string, Answer>;
  readonly history: string[];
  status: Status | null;
  /** Called after each change of the live etc. */
  onLive: () => void;
}

export const createMemoryDisk = (): MemoryDisk => ({
  releases: new Map(),
  live: new Map(),
  intent: null,
  memory: null,
  proven: null,
  requests: new Map(),
  answers: new Map(),
  history: [],
  status: null,
  onLive: () => undefined,
});

/** The live etc that a release makes: path to text. */
export const textsOf = (release: Release): ReadonlyMap<string, string> =>
  new Map(release.etc.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('latin1')]));

/** The live etc as one text, as `listPrefixes` writes it. */
export const describeLive = (live: ReadonlyMap<string, string>): string =>
  JSON.stringify([...live].toSorted(([a], [b]) => (a < b ? -1 : 1)));

export function memoryWorldDisk(disk: MemoryDisk): WorldDisk {
  return {
    open: (opening) => openMemoryDisk(disk, opening),
    intent: () => disk.intent,
    release: async (digest) => disk.releases.get(digest) ?? null,
    live: () => disk.live,
    memory: () => (disk.memory === null ? null : (JSON.parse(disk.memory) as Memory)),
    status: () => disk.status,
    answers: () => disk.answers,
    requests: () => [...disk.requests.keys()],
    dropRequest: (id, text, at) => disk.requests.set(id, { text, at }),
    editLive: (path, text) => void (text === null ? disk.live.delete(path) : disk.live.set(path, text)),
    loseMemory: () => {
      disk.memory = null;
    },
    wipe: () => {
      for (const map of [disk.releases, disk.live, disk.requests, disk.answers]) map.clear();
      disk.history.length = 0;
      Object.assign(disk, { intent: null, memory: null, proven: null, status: null });
    },
    watchLive: (onLive) => {
      disk.onLive = onLive;
    },
  };
}

/** The ports of one life. */
function openMemoryDisk(disk: MemoryDisk, options: DiskOpening): DiskPorts {
  const { faults, life } = options;

  const effect = async (code: ErrorCode, name: string, run: () => void): Promise<void> => {
    try {
      await faults.effect(life, 'file', name, run);
    } catch (error) {
      if (!(error instanceof Injected)) throw error;
      const isFull = code === 'STORE_FAILED' && error.code === 'ENOSPC';
      throw new AgentError(isFull ? 'STORE_FULL' : code, 'told to fail', { fields: { errno: error.code } });
    }
  };

  const compare = (release: Release) => {
    const wanted = textsOf(release);
    const writes = [...wanted].filter(([path, text]) => disk.live.get(path) !== text).map(([path]) => path);
    const removals = [...disk.live.keys()].filter(
      (path) => managedKindOf(path) !== null && !wanted.has(path),
    );
    return { wanted, writes: writes.toSorted(compareText), removals: removals.toSorted(compareText) };
  };

  return {
    store: {
      async write(release) {
        const { digest } = release.facts;
        if (releaseDigest(release, sha256) !== digest) {
          throw new AgentError('INVARIANT', 'a release must bear the digest of its content');
        }
        if (disk.releases.has(digest)) return;
        await effect('STORE_FAILED', 'release.write', () =>
          disk.releases.set(digest, structuredClone(release)),
        );
      },
      read: async (digest) => disk.releases.get(digest) ?? null,
      list: async () => [...disk.releases.values()].map(({ facts }) => facts),
      async prune(keep) {
        const newest = [...disk.releases.keys()].slice(-NEWEST_KEPT);
        for (const digest of [...disk.releases.keys()]) {
          if (keep.includes(digest) || newest.includes(digest)) continue;
          await effect('STORE_FAILED', 'release.remove', () => disk.releases.delete(digest));
        }
      },
      readIntent: async () => disk.intent,
      async writeIntent(intent) {
        if (!disk.releases.has(intent.digest)) {
          throw new AgentError('INVARIANT', 'only a stored release can be intended');
        }
        await effect('STORE_FAILED', `intent.${intent.phase}`, () => {
          disk.intent = intent;
        });
      },
    },
    live: {
      compare: async (release) => {
        const { writes, removals } = compare(release);
        return [...new Set([...writes, ...removals])].toSorted(compareText);
      },
      async bring(release) {
        const { wanted, writes, removals } = compare(release);
        for (const path of writes) {
          await effect('PUBLISH_FAILED', `live.write ${path}`, () => {
            disk.live.set(path, wanted.get(path) ?? '');
            disk.onLive();
          });
        }
        for (const path of removals) {
          await effect('PUBLISH_FAILED', `live.remove ${path}`, () => {
            disk.live.delete(path);
            disk.onLive();
          });
        }
        return [...writes, ...removals];
      },
    },
    memoryFile: memoryFileOn('memory'),
    provenFile: memoryFileOn('proven'),
    spool: {
      async look({ isKnown }) {
        const open: OpenRequest[] = [];
        for (const [id, { text, at }] of disk.requests) {
          if (isKnown(id)) continue;
          if (disk.answers.has(id)) {
            await effect('SPOOL_FAILED', 'request.remove', () => disk.requests.delete(id));
            continue;
          }
          const decoded = decodeRequest(text, { id, requestedAt: at });
          if (!decoded.isValid) throw new Error(`the test dropped no request: ${decoded.problem}`);
          open.push(decoded.value);
        }
        return { open, malformed: [], strays: [], hasMore: false };
      },
      async answer(answer) {
        if (!disk.answers.has(answer.id)) {
          await effect('SPOOL_FAILED', 'answer.store', () => disk.answers.set(answer.id, answer));
        }
        if (disk.requests.has(answer.id)) {
          await effect('SPOOL_FAILED', 'request.remove', () => disk.requests.delete(answer.id));
        }
      },
      watch(onEvent) {
        options.onWatch(onEvent);
        return { close: () => undefined };
      },
    },
    history: {
      append: (entry) =>
        effect('HISTORY_FAILED', 'history.append', () => disk.history.push(JSON.stringify(entry))),
    },
    statusSink: {
      write: (status) =>
        effect('STATUS_FAILED', 'status.write', () => {
          disk.status = status;
        }),
    },
  };

  function memoryFileOn(which: 'memory' | 'proven'): MemoryFile {
    return {
      load: async () => {
        const text = disk[which];
        return { memory: text === null ? null : (JSON.parse(text) as Memory), setAside: null };
      },
      save: async (memory) => {
        const text = JSON.stringify(memory);
        if (text === disk[which]) return;
        await effect('STATE_FAILED', `${which}.save`, () => {
          disk[which] = text;
        });
      },
    };
  }
}
