import { sha256 } from '../../agent/adapters/sha256.ts';
import { compareText, releaseDigest } from '../../agent/core/digest.ts';
import { AgentError } from '../../agent/core/errors.ts';
import { managedKindOf } from '../../agent/core/managed-path.ts';
import type { Memory } from '../../agent/core/memory.ts';
import type { Intent, Release } from '../../agent/core/release.ts';
import type { Digest } from '../../agent/core/types.ts';
import type { LiveEtc, MemoryFile, ReleaseStore } from '../../agent/ports.ts';

const NEWEST_KEPT = 5;

/**
 * Release store, live etc and memory file that hold everything in memory and insist on their rules: an intent
 * for what is not stored, or a publish of what is not intended, is a bug in the agent and throws.
 */
export function createFakeStore() {
  const releases = new Map<Digest, Release>();
  const live = new Map<string, string>();
  let intent: Intent | null = null;
  let saved: string | null = null;
  let saves = 0;

  const store: ReleaseStore = {
    async write(release) {
      const { digest } = release.facts;
      if (releaseDigest(release, sha256) !== digest) {
        throw new AgentError('INVARIANT', 'a release must bear the digest of its content', {
          fields: { digest },
        });
      }
      if (!releases.has(digest)) releases.set(digest, structuredClone(release));
    },
    read: async (digest) => structuredClone(releases.get(digest) ?? null),
    list: async () => [...releases.values()].map((release) => structuredClone(release.facts)),
    async prune(keep) {
      const newest = [...releases.keys()].slice(-NEWEST_KEPT);
      if (intent !== null && !keep.includes(intent.digest)) {
        throw new AgentError('INVARIANT', 'the intended release must be kept', { fields: { ...intent } });
      }
      for (const digest of [...releases.keys()]) {
        if (!keep.includes(digest) && !newest.includes(digest)) releases.delete(digest);
      }
    },
    readIntent: async () => intent,
    async writeIntent(next) {
      if (next.phase === 'publishing' && !releases.has(next.digest)) {
        throw new AgentError('INVARIANT', 'only a stored release can be intended', { fields: { ...next } });
      }
      if (next.phase === 'published' && intent?.digest !== next.digest) {
        throw new AgentError('INVARIANT', 'published without having been intended', { fields: { ...next } });
      }
      intent = next;
    },
  };

  const liveEtc: LiveEtc = {
    compare: async (release) => compareLive(release),
    async bring(release) {
      if (intent?.digest !== release.facts.digest) {
        throw new AgentError('INVARIANT', 'published without an intent on disk', { fields: { ...intent } });
      }
      const touched = compareLive(release);
      const wanted = textsOf(release);
      for (const path of touched) {
        const text = wanted.get(path);
        if (text === undefined) live.delete(path);
        else live.set(path, text);
      }
      return touched;
    },
  };

  const memoryFile: MemoryFile = {
    load: async () => ({ memory: saved === null ? null : (JSON.parse(saved) as Memory), setAside: null }),
    async save(memory) {
      const text = JSON.stringify(memory);
      if (JSON.stringify(JSON.parse(text)) !== text) {
        throw new AgentError('INVARIANT', 'memory must survive JSON', {});
      }
      if (text === saved) return;
      saved = text;
      saves += 1;
    },
  };

  function compareLive(release: Release): readonly string[] {
    const wanted = textsOf(release);
    const changed = [...wanted].filter(([path, text]) => live.get(path) !== text).map(([path]) => path);
    const extra = [...live.keys()].filter((path) => managedKindOf(path) !== null && !wanted.has(path));
    return [...changed, ...extra].toSorted(compareText);
  }

  return {
    store,
    liveEtc,
    memoryFile,
    /** The live etc as it is; a test may edit it like a person would. */
    live,
    /** Loses a release as a damaged disk does. */
    damage: (digest: Digest) => releases.delete(digest),
    savesSoFar: () => saves,
  };
}

function textsOf(release: Release): ReadonlyMap<string, string> {
  return new Map(release.etc.map((file) => [file.path, Buffer.from(file.bytes).toString('latin1')]));
}
