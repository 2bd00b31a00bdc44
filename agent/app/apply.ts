import type { Action, ActionKind } from '../core/actions.ts';
import { AgentError } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import type { Release } from '../core/release.ts';
import { remember } from '../core/remember.ts';
import type { Digest } from '../core/types.ts';
import type { LiveEtc, MemoryFile, ReleaseStore, Supervisor } from '../ports.ts';

/** Answers a request durably. Idempotent: the first answer stays. */
export interface Answers {
  answer(action: Extract<Action, { kind: 'answer' }>, memory: Memory): Promise<void>;
}

export interface ApplyParts {
  readonly store: ReleaseStore;
  readonly live: LiveEtc;
  readonly supervisor: Supervisor;
  readonly memoryFile: MemoryFile;
  readonly answers: Answers;
  /** Lists the source as soon as possible: what was asked for is to reflect what was synced before. */
  readonly lookNow: () => void;
  /** A release that was made but perhaps not stored. */
  readonly made: (digest: Digest) => Release | null;
  /** The proven release is written down beside the store as well, for the day on which the state is lost. */
  readonly recordProven: (memory: Memory) => Promise<void>;
}

type Effects = {
  readonly [Kind in ActionKind]?: (action: Extract<Action, { kind: Kind }>, memory: Memory) => Promise<void>;
};

/**
 * Does one action and resolves with the memory after it, which is then on disk. What reaches outside comes first
 * where repeating it is harmless; a deadline is an action of its own and comes before the effect that it limits.
 */
export function createApply(parts: ApplyParts): (memory: Memory, action: Action) => Promise<Memory> {
  const { store, live, supervisor } = parts;

  const effects: Effects = {
    store: async ({ digest }) => {
      const release = parts.made(digest);
      if (release === null)
        throw new AgentError('INVARIANT', 'nothing makes this release', { fields: { digest } });
      await store.write(release);
    },
    publish: async ({ digest }) => {
      let release = await store.read(digest);
      if (release === null) {
        // Damaged on disk, but made here in this life: written anew.
        const made = parts.made(digest);
        if (made !== null) await store.write(made);
        release = await store.read(digest);
      }
      if (release === null) {
        throw new AgentError('STORE_FAILED', 'the release is not whole any more', { fields: { digest } });
      }
      // A repair of drift needs no new intent: the files are the same.
      const intent = await store.readIntent();
      const isRepair = intent?.digest === digest && intent.phase === 'published';
      if (!isRepair) await store.writeIntent({ digest, phase: 'publishing' });
      await live.bring(release);
      if (!isRepair) await store.writeIntent({ digest, phase: 'published' });
    },
    start: () => supervisor.start(),
    restart: () => supervisor.restart(),
    stop: () => supervisor.stop(),
    answer: (action, memory) => parts.answers.answer(action, memory),
  };

  return async (memory, action) => {
    // The table is complete by its type; the compiler cannot follow that the key fits the action.
    const effect = effects[action.kind] as ((action: Action, memory: Memory) => Promise<void>) | undefined;
    await effect?.(action, memory);
    const next = remember(memory, action);
    if (next === memory) return memory;
    await parts.memoryFile.save(next);
    // Not before: on a full disk each try to accept would list, and each listing leads to the next try.
    if (action.kind === 'accept-request') parts.lookNow();
    if (action.kind === 'prove') await parts.recordProven(next);
    return next;
  };
}
