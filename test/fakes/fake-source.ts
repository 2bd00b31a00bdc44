import { AgentError } from '../../agent/core/errors.ts';
import type { ConfigSource, ListedObject } from '../../agent/ports.ts';

export type SourceCall = 'list' | 'read' | 'readManifest';

/** A source in memory that keeps the port's contract, and fails when told. */
export interface FakeSource extends ConfigSource {
  put(group: string, path: string, content: string | Uint8Array, modifiedAt?: number): void;
  remove(group: string, path: string): void;
  clear(): void;
  /** The call rejects with this until it is null again. */
  fail(call: SourceCall, error: AgentError | null): void;
  /** The call takes for ever, or until `release`; an abandoned one rejects. */
  hang(call: SourceCall): void;
  release(): void;
  /** Called at the beginning of each call; null for none. */
  before(hook: ((call: SourceCall, path: string) => void) | null): void;
  /** Something changed, says the outside. */
  emit(): void;
  /** `list`, `read GROUP/PATH`, `readManifest GROUP`, in order. */
  readonly calls: readonly string[];
  forgetCalls(): void;
}

interface Held {
  readonly object: ListedObject;
  readonly bytes: Uint8Array;
}

export function createFakeSource(options: { readonly now: () => number }): FakeSource {
  const held = new Map<string, Held>();
  const failures = new Map<SourceCall, AgentError>();
  const hanging = new Set<SourceCall>();
  const calls: string[] = [];
  let free: (() => void)[] = [];
  let version = 0;
  let hook: ((call: SourceCall, path: string) => void) | null = null;
  let listener: (() => void) | null = null;

  const enter = async (call: SourceCall, path: string, signal: AbortSignal) => {
    calls.push(path === '' ? call : `${call} ${path}`);
    hook?.(call, path);
    if (hanging.has(call)) {
      await new Promise<void>((resolve) => {
        free.push(resolve);
        signal.addEventListener('abort', () => resolve());
      });
    }
    await Promise.resolve();
    if (signal.aborted) throw new AgentError('SOURCE_UNREACHABLE', 'call was abandoned');
    const failure = failures.get(call);
    if (failure !== undefined) throw failure;
  };

  return {
    uri: 'fake://source',
    calls,

    async list(signal) {
      await enter('list', '', signal);
      return [...held.values()].map(({ object }) => object);
    },
    async read({ group, path, tag }, signal) {
      await enter('read', `${group}/${path}`, signal);
      const found = held.get(`${group}/${path}`);
      return found?.object.tag === tag ? found.bytes : null;
    },
    async readManifest(group, knownTag, signal) {
      await enter('readManifest', group, signal);
      const found = held.get(`${group}/manifest.json`);
      if (found === undefined) return { kind: 'absent' };
      const { tag } = found.object;
      return tag === knownTag ? { kind: 'unchanged' } : { kind: 'found', tag, bytes: found.bytes };
    },
    async watch(onEvent) {
      listener = onEvent;
      return {
        async close() {
          listener = null;
        },
      };
    },

    put(group, path, content, modifiedAt = options.now()) {
      version += 1;
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const object = { group, path, tag: `v${version}`, size: bytes.length, modifiedAt };
      held.set(`${group}/${path}`, { object, bytes });
    },
    remove(group, path) {
      held.delete(`${group}/${path}`);
    },
    clear() {
      held.clear();
    },
    fail(call, error) {
      if (error === null) failures.delete(call);
      else failures.set(call, error);
    },
    hang(call) {
      hanging.add(call);
    },
    release() {
      hanging.clear();
      for (const resolve of free) resolve();
      free = [];
    },
    before(newHook) {
      hook = newHook;
    },
    emit() {
      listener?.();
    },
    forgetCalls() {
      calls.length = 0;
    },
  };
}
