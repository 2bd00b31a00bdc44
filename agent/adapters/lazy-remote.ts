import type { BucketMemory, Remote } from '../ports.ts';

/** Made at its first use, and once. */
export function createLazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** A remote that is made at its first use: a client that is never used costs neither memory nor a later start. */
export function createLazyRemote<T>(make: () => Promise<Remote<T>>): Remote<T> {
  const remote = createLazy(make);
  return { send: async (value, signal) => (await remote()).send(value, signal) };
}

export function createLazyBucketMemory(make: () => Promise<BucketMemory>): BucketMemory {
  const memory = createLazy(make);
  return {
    groups: async (signal) => (await memory()).groups(signal),
    read: async (group, signal) => (await memory()).read(group, signal),
    write: async (group, bytes, tag, signal) => (await memory()).write(group, bytes, tag, signal),
  };
}
