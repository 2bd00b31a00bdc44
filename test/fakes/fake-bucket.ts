import { AgentError } from '../../agent/core/errors.ts';
import type { BucketMemory } from '../../agent/ports.ts';

export interface FakeBucket extends BucketMemory {
  /** Group to text. */
  readonly objects: ReadonlyMap<string, string>;
  put(group: string, text: string): void;
  /** Calls reject with this until it is null again. */
  fail(error: AgentError | null): void;
  /** Calls take until `release`; an abandoned one rejects. */
  hang(): void;
  release(): void;
  /** Called before each write: another machine may be quicker. */
  beforeWrite(hook: (() => void) | null): void;
  /** `groups`, `read GROUP`, `write GROUP`, in order. */
  readonly calls: readonly string[];
  forgetCalls(): void;
}

/** A bucket in memory that keeps the port's contract, and fails when told. */
export function createFakeBucket(): FakeBucket {
  const objects = new Map<string, string>();
  const tags = new Map<string, string>();
  const calls: string[] = [];
  let failure: AgentError | null = null;
  let held: Promise<void> | null = null;
  let free: () => void = () => undefined;
  let hook: (() => void) | null = null;
  let version = 0;

  const put = (group: string, text: string) => {
    version += 1;
    objects.set(group, text);
    tags.set(group, `v${version}`);
  };
  const enter = async (call: string, signal: AbortSignal) => {
    calls.push(call);
    if (held !== null) {
      let abandon: () => void = () => undefined;
      const abandoned = new Promise<void>((resolve) => {
        abandon = resolve;
      });
      signal.addEventListener('abort', abandon);
      await Promise.race([held, abandoned]);
      signal.removeEventListener('abort', abandon);
    }
    if (signal.aborted) throw new AgentError('AWS_UNREACHABLE', 'call took too long');
    if (failure !== null) throw failure;
  };

  return {
    objects,
    calls,
    put,
    async groups(signal) {
      await enter('groups', signal);
      return [...objects.keys()];
    },
    async read(group, signal) {
      await enter(`read ${group}`, signal);
      const text = objects.get(group);
      return text === undefined
        ? null
        : { tag: tags.get(group) ?? '', bytes: new TextEncoder().encode(text) };
    },
    async write(group, bytes, tag, signal) {
      await enter(`write ${group}`, signal);
      hook?.();
      if ((tags.get(group) ?? null) !== tag) return null;
      put(group, new TextDecoder().decode(bytes));
      return tags.get(group) ?? null;
    },
    fail(error) {
      failure = error;
    },
    hang() {
      held = new Promise((resolve) => {
        free = resolve;
      });
    },
    release() {
      held = null;
      free();
    },
    beforeWrite(next) {
      hook = next;
    },
    forgetCalls() {
      calls.length = 0;
    },
  };
}
