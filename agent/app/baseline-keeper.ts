/**
 * Saves the baselines in the bucket, beside the cycle: whenever what they show has changed.
 *
 * INVARIANTS
 * - Nothing is written before it was read what lies there (`mayWrite`, and each group's own object): a fresh machine
 *   never replaces what it should have begun from.
 * - Of two machines that write at once, the one that knows the newer state of the source wins.
 * - An equal baseline is not written again.
 */

import {
  baselineContentId,
  isNewerBaseline,
  MAX_BASELINE_BYTES,
  parseBaseline,
  printBaseline,
  type SavedBaseline,
} from '../core/baseline-document.ts';
import type { Sha256 } from '../core/digest.ts';
import { AgentError } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import { own } from '../core/own.ts';
import { groupsToSave, makeSavedBaseline, newestInstant, savedKey } from '../core/saved-baseline.ts';
import type { Trouble } from '../core/trouble.ts';
import type { BucketMemory, Clock, Log, ReleaseStore } from '../ports.ts';
import { createAttempts } from './attempts.ts';
import { createSleeper, runLastTry } from './sleeper.ts';

export interface BaselineKeeper {
  /** What is remembered now. */
  offer(memory: Memory): void;
  /** Resolves after the signal aborted, and after one last try. Call once. */
  run(signal: AbortSignal): Promise<void>;
  trouble(): Trouble | null;
}

const MAX_ROUNDS = 3;
const SECOND = 1_000;

export function createBaselineKeeper(options: {
  readonly bucket: BucketMemory;
  readonly store: ReleaseStore;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly by: () => Promise<SavedBaseline['by']>;
  readonly mayWrite: () => boolean;
}): BaselineKeeper {
  const { bucket, store, sha256, clock, log } = options;
  const attempts = createAttempts({
    ...options,
    type: 'BaselineUnsaved',
    baseMs: 2 * SECOND,
    capMs: 300 * SECOND,
  });
  const sleeper = createSleeper(clock);
  let wanted: Memory | null = null;
  let wantedKey = '';
  let doneKey = '';
  /** By group: what lies there as far as is known, by its content and by its version. */
  const saved = new Map<string, { readonly content: string; readonly tag: string | null }>();
  const changedAt = new Map<string, { readonly content: string; readonly at: number }>();

  const make = async (memory: Memory, group: string): Promise<{ saved: SavedBaseline; content: string }> => {
    const digest = own(memory.baselines, group);
    const keeper = own(memory.kept, group)?.from;
    const draft = makeSavedBaseline({
      group,
      memory,
      baseline: digest === undefined ? null : await store.read(digest),
      keeper: keeper === undefined ? null : await store.read(keeper),
      changedAt: 0,
      by: await options.by(),
    });
    const content = baselineContentId(draft, sha256);
    const known = changedAt.get(group);
    if (known?.content !== content) {
      // What was remembered before this life of the agent is as old as it says, not as this life.
      changedAt.set(group, {
        content,
        at: known === undefined ? newestInstant(memory, group) : clock.now(),
      });
    }
    return { saved: { ...draft, changedAt: changedAt.get(group)?.at ?? clock.now() }, content };
  };

  /** The version to replace; null for the first one, undefined when there is nothing to do. */
  const findVersion = async (
    mine: SavedBaseline,
    content: string,
    signal: AbortSignal,
  ): Promise<string | null | undefined> => {
    const there = await bucket.read(mine.group, signal);
    if (there === null) return null;
    const parsed = parseBaseline(there.bytes, mine.group, sha256);
    if (parsed.kind !== 'saved') return mine.proven === null ? undefined : there.tag;
    const theirs = parsed.saved;
    if (baselineContentId(theirs, sha256) === content) {
      saved.set(mine.group, { content, tag: there.tag });
      return undefined;
    }
    if (mine.proven === null && theirs.proven !== null) return undefined;
    const isForeign = theirs.by.instance !== mine.by.instance;
    return isForeign && isNewerBaseline(theirs, mine) ? undefined : there.tag;
  };

  const saveGroup = async (memory: Memory, group: string, signal: AbortSignal) => {
    const { saved: mine, content } = await make(memory, group);
    if (saved.get(group)?.content === content) return;
    const bytes = new TextEncoder().encode(printBaseline(mine, sha256));
    if (bytes.length > MAX_BASELINE_BYTES) {
      const fields = { group, bytes: bytes.length, most: MAX_BASELINE_BYTES };
      throw new AgentError('BASELINE_UNUSABLE', 'baseline is too large to be saved', { fields });
    }
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const known = saved.get(group);
      const tag = known === undefined ? await findVersion(mine, content, signal) : known.tag;
      if (tag === undefined) return;
      const written = await bucket.write(group, bytes, tag, signal);
      if (written !== null) {
        saved.set(group, { content, tag: written });
        log.debug({ event: 'baseline.saved', group }, 'the baseline is saved in the bucket');
        return;
      }
      saved.delete(group);
    }
    throw new AgentError('AWS_THROTTLED', 'others write the same baseline again and again', {
      fields: { group },
    });
  };

  const attempt = async (signal: AbortSignal) => {
    if (wanted === null) return;
    const [memory, key] = [wanted, wantedKey];
    try {
      for (const group of groupsToSave(memory)) await saveGroup(memory, group, signal);
    } catch (thrown) {
      if (!signal.aborted) attempts.fail(thrown);
      return;
    }
    doneKey = key;
    attempts.succeed();
  };

  const isDue = () => wanted !== null && wantedKey !== doneKey && options.mayWrite();

  return {
    offer(memory) {
      const key = savedKey(memory);
      wanted = memory;
      wantedKey = key;
      if (key !== doneKey) sleeper.wake();
    },
    async run(signal) {
      while (!signal.aborted) {
        if (isDue() && clock.now() >= attempts.retryAt()) await attempt(signal);
        else {
          const until = isDue() ? attempts.retryAt() : Number.POSITIVE_INFINITY;
          await sleeper.sleepUntil(until, signal);
        }
      }
      if (isDue() && !attempts.isFailing()) await runLastTry(clock, attempt);
    },
    trouble: attempts.trouble,
  };
}
