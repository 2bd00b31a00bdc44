import { AgentError, type ErrorCode } from '../../../agent/core/errors.ts';
import type { ConfigSource, ListedObject } from '../../../agent/ports.ts';
import type { Trouble } from './schedule.ts';
import type { Troubles } from './troubles.ts';

const CODES: Readonly<Partial<Record<Trouble['kind'], ErrorCode>>> = {
  unreachable: 'SOURCE_UNREACHABLE',
  throttled: 'SOURCE_THROTTLED',
  denied: 'SOURCE_DENIED',
  missing: 'SOURCE_MISSING',
  torn: 'SOURCE_TORN',
};

/** What one call came to, for whoever counts. */
export interface SourceCall {
  readonly place: 'list' | 'read' | 'manifest';
  readonly at: number;
  readonly isFailed: boolean;
}

export interface CountedSource extends ConfigSource {
  readonly calls: readonly SourceCall[];
}

/** The same source; it writes down what is asked of it. */
export function countCalls(inner: ConfigSource, now: () => number): CountedSource {
  const calls: SourceCall[] = [];
  const count = async <T>(place: SourceCall['place'], call: Promise<T>): Promise<T> => {
    const at = now();
    try {
      const result = await call;
      calls.push({ place, at, isFailed: false });
      return result;
    } catch (error) {
      calls.push({ place, at, isFailed: true });
      throw error;
    }
  };
  return {
    uri: inner.uri,
    calls,
    list: (signal) => count('list', inner.list(signal)),
    read: (object, signal) => count('read', inner.read(object, signal)),
    readManifest: (group, tag, signal) => count('manifest', inner.readManifest(group, tag, signal)),
    watch: (onEvent) => inner.watch(onEvent),
  };
}

export interface TroubledSource extends ConfigSource {
  /** A change was made: what a listing shows from now on. */
  remember(): Promise<void>;
}

/** Shorter than the deadline of a call. */
const MOST_SLOW_MS = 9_000;

const never = new AbortController().signal;

/** A source in memory in trouble, as the S3 adapter would tell of it. */
export function createTroubledSource(parts: {
  readonly inner: ConfigSource;
  readonly troubles: Troubles;
  readonly now: () => number;
  readonly staleMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Somebody writes now. */
  readonly hurry: () => Promise<void>;
}): TroubledSource {
  const { inner, troubles, now, staleMs } = parts;
  const history: { readonly at: number; readonly objects: readonly ListedObject[] }[] = [];

  const enter = async (place: SourceCall['place']): Promise<Trouble | null> => {
    const trouble = troubles.meet(place);
    const code = trouble === null ? undefined : CODES[trouble.kind];
    if (code !== undefined) throw new AgentError(code, 'by schedule');
    if (trouble?.kind === 'interleaved') await parts.hurry();
    if (trouble?.kind === 'slow') await parts.sleep(1 + (trouble.variant % MOST_SLOW_MS));
    return trouble;
  };

  return {
    uri: inner.uri,
    async remember() {
      history.push({ at: now(), objects: await inner.list(never) });
    },
    async list(signal) {
      const trouble = await enter('list');
      if (trouble?.kind === 'stale') {
        const old = history.findLast(({ at }) => at <= now() - (trouble.variant % (staleMs + 1)));
        if (old !== undefined) return old.objects;
      }
      if (trouble?.kind !== 'interleaved') return inner.list(signal);
      // Two pages, and something between them: keys of the first as they were, of the rest as they are.
      const isFirst = ({ path }: ListedObject) => path.length % 2 === trouble.variant % 2;
      const first = (await inner.list(signal)).filter(isFirst);
      await parts.hurry();
      return [...first, ...(await inner.list(signal)).filter((object) => !isFirst(object))];
    },
    async read(object, signal) {
      await enter('read');
      return inner.read(object, signal);
    },
    async readManifest(group, knownTag, signal) {
      await enter('manifest');
      return inner.readManifest(group, knownTag, signal);
    },
    watch: (onEvent) => inner.watch(onEvent),
  };
}
