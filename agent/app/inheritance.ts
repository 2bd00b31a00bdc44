/**
 * What a fresh machine begins from: the baselines in the bucket, read beside the cycle and taken over by it.
 *
 * INVARIANTS
 * - No cycle waits for the bucket. The newest cut is held back for a few seconds at most, so that the guards have
 *   something to compare with; a baseline that comes later is taken over then.
 * - What this machine knows by itself stays.
 */
import { type BaselineParse, parseBaseline, type SavedBaseline } from '../core/baseline-document.ts';
import type { Sha256 } from '../core/digest.ts';
import { AgentError, describeError, ERRORS, toAgentError } from '../core/errors.ts';
import { gate } from '../core/gate/gate.ts';
import { findGroupInForce, type InheritedGroup, inheritMemory } from '../core/inherit.ts';
import type { Memory } from '../core/memory.ts';
import type { Release, RenderingInputs } from '../core/release.ts';
import { renderRelease } from '../core/rendering.ts';
import { type Trouble, troubleOf } from '../core/trouble.ts';
import type { SourceFile } from '../core/types.ts';
import type { BucketMemory, Clock, Log, MemoryFile, ReleaseStore } from '../ports.ts';
import { createAttempts } from './attempts.ts';
import { createSleeper } from './sleeper.ts';
import type { SourceView } from './source-types.ts';

export interface Inheritance {
  /** The view of the source, without its cut while the baselines are still waited for. */
  guardView(view: SourceView): SourceView;
  /** At the beginning of a cycle: the memory with what was read since. Never rejects. */
  inherit(memory: Memory): Promise<Memory>;
  /** It is known what lies in the bucket. */
  isKnown(): boolean;
  /** Resolves when all is read, or the signal aborts. Call once. */
  run(signal: AbortSignal): Promise<void>;
  trouble(): Trouble | null;
}

export interface InheritanceParts {
  readonly bucket: BucketMemory;
  readonly store: ReleaseStore;
  readonly memoryFile: MemoryFile;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly connectors: readonly string[];
  readonly inputs: (group: string) => Promise<RenderingInputs>;
  /** `auto`, or the one group. */
  readonly group: string;
  /** The group in force is known now. */
  readonly onGroup: (group: NonNullable<Memory['group']>, releases: readonly Release[]) => void;
  /** Something was read, or is no longer waited for. */
  readonly onResult: () => void;
}

/** How long a cut waits for the baselines, from when the source gave one. */
const GRACE_MS = 5_000;
const SECOND = 1_000;

export function createInheritance(parts: InheritanceParts): Inheritance {
  const { bucket, store, sha256, clock, log } = parts;
  const attempts = createAttempts({ ...parts, type: 'BaselineUnread', baseMs: SECOND, capMs: 60 * SECOND });
  const sleeper = createSleeper(clock);
  let found: readonly SavedBaseline[] | null = null;
  let unusable: Trouble | null = null;
  let isTaken = false;
  let isRead = false;
  let unrendered: Trouble | null = null;
  let firstCutAt: number | null = null;

  const readAll = async (signal: AbortSignal) => {
    const groups = parts.group === 'auto' ? await bucket.groups(signal) : [parts.group];
    const saved: SavedBaseline[] = [];
    unusable = null;
    for (const group of groups) {
      const parsed = await readOne(group, signal);
      if (parsed?.kind === 'saved') saved.push(parsed.saved);
      else if (parsed !== null) {
        const reason =
          parsed.kind === 'newer' ? `it has version ${parsed.version}, of a later agent` : parsed.reason;
        const error = new AgentError('BASELINE_UNUSABLE', 'saved baseline cannot be used', {
          fields: { group, reason },
        });
        unusable = troubleOf('BaselineUnread', error);
        const { hint } = ERRORS.BASELINE_UNUSABLE;
        log.warn(
          { event: 'beside.failed', what: 'BaselineUnread', code: error.code, hint },
          describeError(error),
        );
      }
    }
    return saved;
  };

  const readOne = async (group: string, signal: AbortSignal): Promise<BaselineParse | null> => {
    try {
      const there = await bucket.read(group, signal);
      return there === null ? null : parseBaseline(there.bytes, group, sha256);
    } catch (thrown) {
      const error = toAgentError(thrown);
      if (error.code !== 'BASELINE_UNUSABLE') throw error;
      return { kind: 'malformed', reason: error.message };
    }
  };

  const cannotRender = (reason: string): null => {
    unrendered = {
      type: 'BaselineUnread',
      reason: 'CannotRender',
      message: `the saved baseline waits for what its rendering needs: ${reason}`,
    };
    return null;
  };

  /** Null while something that the rendering needs is not known yet. */
  const render = async (
    saved: SavedBaseline,
  ): Promise<{ group: InheritedGroup; releases: Release[] } | null> => {
    const inputs = await parts.inputs(saved.group);
    const { proven, kept } = saved;
    const files = proven?.files ?? [];
    const baseline = proven === null ? null : renderFiles(saved, files, proven.kept, inputs, sha256);
    if (typeof baseline === 'string') return cannotRender(baseline);
    const missing = (kept?.files ?? []).filter(({ path }) => !files.some((file) => file.path === path));
    const paths = (kept?.files ?? []).map(({ path }) => path);
    // Kept files are part of what was proven; only where they are not do they need a release of their own.
    const keeper =
      missing.length === 0 ? baseline : renderFiles(saved, [...files, ...missing], paths, inputs, sha256);
    if (typeof keeper === 'string') return cannotRender(keeper);
    const errors = gate(files, { connectors: parts.connectors }).filter(
      ({ severity }) => severity === 'error',
    );
    return {
      group: {
        saved,
        release: baseline?.facts ?? null,
        keeper: paths.length === 0 ? null : (keeper?.facts.digest ?? null),
        isAcceptable: errors.length === 0,
      },
      releases: [...new Set([baseline, keeper])].filter((release) => release !== null),
    };
  };

  const take = async (memory: Memory, all: readonly SavedBaseline[]): Promise<Memory> => {
    const rendered = await Promise.all(all.map(render));
    if (rendered.some((one) => one === null)) return memory;
    const groups = rendered.filter((one) => one !== null);
    const releases = groups.flatMap((one) => one.releases);
    for (const release of releases) await store.write(release);
    const next = inheritMemory(
      memory,
      groups.map(({ group }) => group),
    );
    await parts.memoryFile.save(next);
    isTaken = true;
    found = null;
    unrendered = null;
    if (groups.length > 0) {
      const names = groups.map(({ group }) => group.saved.group);
      log.info(
        { event: 'baseline.inherited', groups: names, inForce: findGroupInForce(all)?.name ?? null },
        'what another machine proved and held is taken over',
      );
    }
    if (next.group !== null) parts.onGroup(next.group, releases);
    return next;
  };

  const isAwaited = (): boolean => {
    if (isTaken) return false;
    if (firstCutAt !== null && clock.now() - firstCutAt >= GRACE_MS) return false;
    // Without permission there is nothing to wait for.
    return attempts.trouble()?.reason !== 'AwsDenied';
  };

  return {
    guardView(view) {
      if (isTaken || view.cut === null) return view;
      if (firstCutAt === null) {
        firstCutAt = clock.now();
        // The source answers, so the bucket may answer too.
        attempts.hurry();
        sleeper.wake();
      }
      return isAwaited() ? { ...view, cut: null, settledAt: null } : view;
    },
    async inherit(memory) {
      if (found === null || isTaken) return memory;
      try {
        return await take(memory, found);
      } catch (thrown) {
        // The next cycle tries again; a full disk shows in its own steps as well.
        attempts.fail(thrown);
        return memory;
      }
    },
    isKnown: () => isTaken,
    async run(signal) {
      while (!signal.aborted && !isRead) {
        if (clock.now() < attempts.retryAt()) await sleeper.sleepUntil(attempts.retryAt(), signal);
        else {
          try {
            found = await readAll(signal);
            isRead = true;
            attempts.succeed();
          } catch (thrown) {
            if (!signal.aborted) attempts.fail(thrown);
          }
          parts.onResult();
        }
      }
    },
    trouble: () => unusable ?? unrendered ?? attempts.trouble(),
  };
}

/** The release, or what is missing to render it. */
function renderFiles(
  saved: SavedBaseline,
  files: readonly SourceFile[],
  kept: readonly string[],
  inputs: RenderingInputs,
  sha256: Sha256,
): Release | string {
  const isKept = ({ path }: SourceFile) => kept.includes(path);
  const release = renderRelease({
    snapshot: {
      id: saved.proven?.snapshot ?? saved.kept?.snapshot ?? ('' as never),
      group: saved.group,
      files: files.filter((file) => !isKept(file)),
      origin: saved.proven?.origin ?? { at: saved.changedAt, by: saved.by.agent },
      allow: [],
    },
    kept: { paths: kept, files: files.filter(isKept) },
    inputs,
    sha256,
  });
  return 'kind' in release ? release.reason : release;
}

/** Where there is no place to inherit from, or nothing to: this machine remembers by itself. */
export const NO_INHERITANCE: Inheritance = {
  guardView: (view) => view,
  inherit: async (memory) => memory,
  isKnown: () => true,
  run: async () => undefined,
  trouble: () => null,
};
