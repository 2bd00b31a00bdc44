import type { Bucket, WriteCondition } from '../../agent/ports/operators.ts';

interface StoredObject {
  readonly tag: string;
  readonly bytes: Uint8Array;
  readonly modifiedAt: number;
}

export interface FakeObjects extends Bucket {
  /** Every call that changes something, in order: `put KEY`, `delete KEY`. */
  readonly changes: readonly string[];
  /** Puts an object as another tool would. */
  put(key: string, body: string, modifiedAt?: number): void;
  drop(key: string): void;
  text(key: string): string | null;
  keys(): readonly string[];
  /** Called before each call with its name and key; what it throws is what the call rejects with. */
  before(hook: ((call: 'list' | 'read' | 'write' | 'remove', key: string) => void) | null): void;
}

/** A bucket in memory. Tags count writes, so that equal content put twice has two. */
export function createFakeObjects(name: string, now: () => number = () => 0): FakeObjects {
  const objects = new Map<string, StoredObject>();
  const changes: string[] = [];
  let count = 0;
  let hook: ((call: 'list' | 'read' | 'write' | 'remove', key: string) => void) | null = null;

  const store = (key: string, bytes: Uint8Array, modifiedAt: number): string => {
    count += 1;
    objects.set(key, { tag: `t${count}`, bytes, modifiedAt });
    return `t${count}`;
  };
  const holds = (key: string, condition: WriteCondition): boolean => {
    const found = objects.get(key);
    if (condition.kind === 'absent') return found === undefined;
    return condition.kind === 'none' || found?.tag === condition.tag;
  };
  return {
    name,
    changes,
    put: (key, body, modifiedAt = now()) => void store(key, new TextEncoder().encode(body), modifiedAt),
    drop: (key) => void objects.delete(key),
    text: (key) => {
      const found = objects.get(key);
      return found === undefined ? null : new TextDecoder().decode(found.bytes);
    },
    keys: () => [...objects.keys()].sort(),
    before: (next) => {
      hook = next;
    },
    async list(prefix) {
      hook?.('list', prefix);
      return [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { tag, bytes, modifiedAt }]) => ({ key, tag, size: bytes.length, modifiedAt }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    async read(key, { tag }) {
      hook?.('read', key);
      const found = objects.get(key);
      return found === undefined || (tag !== undefined && tag !== found.tag) ? null : found;
    },
    async write(key, bytes, condition) {
      hook?.('write', key);
      if (!holds(key, condition)) return null;
      changes.push(`put ${key}`);
      return store(key, bytes, now());
    },
    async remove(key, tag) {
      hook?.('remove', key);
      const found = objects.get(key);
      if (found !== undefined && found.tag !== tag) return false;
      changes.push(`delete ${key}`);
      objects.delete(key);
      return true;
    },
  };
}
