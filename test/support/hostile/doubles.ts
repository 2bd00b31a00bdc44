/** Sources that make the mistakes a reader must not make: each must be found by the invariants. */
import { AgentError } from '../../../agent/core/errors.ts';
import type { ConfigSource, ListedObject } from '../../../agent/ports.ts';

/** `truth` is the source without its troubles. */
export type Double = (source: ConfigSource, truth: ConfigSource) => ConfigSource;

const isError = (error: unknown, ...codes: string[]) =>
  error instanceof AgentError && codes.includes(error.code);

/** The listing after the reads is the one before them: nobody looked again. */
const withoutSecondListing: Double = (source) => {
  let last: readonly ListedObject[] | null = null;
  let hasRead = false;
  return {
    ...source,
    async list(signal) {
      const isSecond = hasRead && last !== null;
      hasRead = false;
      if (!isSecond || last === null) last = await source.list(signal);
      return last;
    },
    async read(object, signal) {
      const bytes = await source.read(object, signal);
      if (object.path !== 'manifest.json') hasRead = true;
      return bytes;
    },
  };
};

/** 404 and 403 to a listing mean that nothing lies there. */
export const REFUSAL_IS_EMPTY = (source: ConfigSource): ConfigSource => ({
  ...source,
  list: async (signal) => {
    try {
      return await source.list(signal);
    } catch (error) {
      if (isError(error, 'SOURCE_MISSING', 'SOURCE_DENIED')) return [];
      throw error;
    }
  },
});

/** Whatever is there now is taken for what was listed. */
const withoutCondition: Double = (source, truth) => ({
  ...source,
  read: async (object, signal) => {
    const now = (await truth.list(signal)).find(
      ({ group, path }) => group === object.group && path === object.path,
    );
    return now === undefined ? null : source.read(now, signal);
  },
});

/** A body that was cut short is a body. */
const tornIsWhole: Double = (source) => ({
  ...source,
  read: async (object, signal) => {
    try {
      return await source.read(object, signal);
    } catch (error) {
      if (isError(error, 'SOURCE_TORN')) return new TextEncoder().encode('{:ta');
      throw error;
    }
  },
});

/** A page that cannot be read has nothing on it. */
const lostPageIsEmpty: Double = (source, truth) => ({
  ...source,
  list: async (signal) => {
    try {
      return await source.list(signal);
    } catch (error) {
      if (!isError(error, 'SOURCE_TORN')) throw error;
      return (await truth.list(signal)).slice(1);
    }
  },
});

/** The lock of a sync is not looked at. */
const pendingIsNothing: Double = (source) => ({
  ...source,
  list: async (signal) => (await source.list(signal)).filter(({ path }) => path !== 'manifest.json'),
  readManifest: async () => ({ kind: 'absent' }),
});

/** A failed listing is answered with the one before. */
const oldIsNew: Double = (source) => {
  let last: readonly ListedObject[] = [];
  return {
    ...source,
    list: async (signal) => {
      try {
        last = await source.list(signal);
      } catch {
        // That is the mistake.
      }
      return last;
    },
  };
};

export const DOUBLES: readonly (readonly [title: string, double: Double])[] = [
  ['a reader without the second listing', withoutSecondListing],
  ['one that takes 403 and 404 for an empty source', REFUSAL_IS_EMPTY],
  // Either of the two guards alone is enough for what happens here.
  [
    'one without the second listing that reads without a condition',
    (source, truth) => withoutSecondListing(withoutCondition(source, truth), truth),
  ],
  ['one that takes half a body', tornIsWhole],
  ['one that takes a page that cannot be read for an empty one', lostPageIsEmpty],
  ['one that does not see the lock of a sync', pendingIsNothing],
  ['one that takes the last listing again when there is none', oldIsNew],
];
