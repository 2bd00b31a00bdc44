/**
 * Every state in which the source truly was, and for how long: what any cut is judged by. It knows nothing of the reader:
 * the rules are those of DESIGN section 4, written down a second time.
 */
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { agreesWithBytes, type ManifestParse, parseManifest } from '../../../agent/core/manifest.ts';
import { isManaged } from '../../../agent/core/source/path.ts';
import { sourceFiles } from '../releases.ts';

interface State {
  readonly at: number;
  readonly files: ReadonlyMap<string, string>;
  readonly manifest: ManifestParse | null;
}

export interface JournalRules {
  readonly settleMs: number;
  readonly settleDeletionsMs: number;
}

export interface Journal {
  /** An object was written, or (null) deleted. */
  note(group: string, path: string, text: string | null): void;
  /** The state of the group now: what a reader must come to. */
  truth(group: string): {
    readonly files: ReadonlyMap<string, string>;
    readonly manifest: ManifestParse | null;
  };
  /**
   * Why this cut must not be taken now, or (`ever`) must not have been taken before; null when it may be.
   * `before`: the paths of the cut before it, where losing one takes longer. `staleMs`: by how much listings may
   * have been older than the objects.
   */
  judge(
    group: string,
    files: ReadonlyMap<string, string>,
    options: { readonly when: 'now' | 'ever'; readonly before: readonly string[]; readonly staleMs: number },
  ): string | null;
  /** Whether these files were there with a manifest that names them. */
  wasSynced(group: string, files: ReadonlyMap<string, string>): boolean;
  /** Changes so far. */
  size(): number;
}

export function createJournal(rules: JournalRules, now: () => number): Journal {
  const states = new Map<string, State[]>();
  const startedAt = now();
  let size = 0;

  const of = (group: string): State[] => {
    const found = states.get(group) ?? [{ at: startedAt, files: new Map(), manifest: null }];
    states.set(group, found);
    return found;
  };
  const newest = (group: string): State => {
    const last = of(group).at(-1);
    if (last === undefined) throw new Error('a journal without states');
    return last;
  };

  const isComplete = ({ files, manifest }: State) =>
    manifest?.kind === 'final' && agreesWithBytes(manifest, sourceFiles(Object.fromEntries(files)), sha256);

  return {
    note(group, path, text) {
      size += 1;
      const before = newest(group);
      const files = new Map(before.files);
      let { manifest } = before;
      if (path === 'manifest.json') {
        manifest = text === null ? null : parseManifest(new TextEncoder().encode(text));
      } else if (!isManaged(path)) return;
      else if (text === null) files.delete(path);
      else files.set(path, text);
      of(group).push({ at: now(), files, manifest });
    },
    truth: (group) => newest(group),
    size: () => size,

    wasSynced: (group, files) => of(group).some((state) => isSame(state.files, files) && isComplete(state)),

    judge(group, files, { when, before, staleMs }) {
      const all = of(group);
      const endOf = (index: number) => all[index + 1]?.at ?? now();
      const equal = all.flatMap((state, index) => (isSame(state.files, files) ? [{ state, index }] : []));
      if (equal.length === 0) return 'was never there';
      const recent = equal.filter(({ index }) => when === 'ever' || endOf(index) >= now() - staleMs);
      if (recent.length === 0) return 'was there long ago only';
      const free = recent.filter(({ state }) => state.manifest?.kind !== 'pending');
      if (free.length === 0) return 'belongs to a sync that is not over';
      if (free.some(({ state }) => isComplete(state))) return null;
      const settleMs = before.some((path) => !files.has(path)) ? rules.settleDeletionsMs : rules.settleMs;
      const isSettled = free.some(({ state, index }) => {
        const since = all.find(
          (one) => one.manifest === state.manifest && isSame(one.files, state.files),
        )?.at;
        return Math.min(endOf(index), now()) - (since ?? now()) >= settleMs - staleMs;
      });
      return isSettled ? null : 'neither settled nor agrees with a manifest';
    },
  };
}

function isSame(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  return left.size === right.size && [...left].every(([path, text]) => right.get(path) === text);
}
