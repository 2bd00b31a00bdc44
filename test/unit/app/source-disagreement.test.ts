/** Listing and objects that do not agree: an old listing, a cache, a server that gives other tags. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { createSourceReader, type SourceReader } from '../../../agent/app/source-reader.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import { printManifest } from '../../../agent/core/manifest.ts';
import type { ConfigSource } from '../../../agent/ports.ts';
import { createFakeClock, type FakeClock } from '../../fakes/fake-clock.ts';
import { createFakeSource, type FakeSource } from '../../fakes/fake-source.ts';
import { makeManifest } from '../../support/manifest.ts';
import { READER_SETTINGS } from '../../support/reader-settings.ts';
import { sourceFiles } from '../../support/releases.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const FILES = { 'catalog/shop.properties': 'connector.name=datomic\n', 'datomic/shop.edn': '{:tables {}}' };

let clock: FakeClock;
let source: FakeSource;
let reader: SourceReader;
let end: AbortController;
let ended: Promise<void>;

const start = (changed: Partial<ConfigSource> = {}) => {
  end = new AbortController();
  reader = createSourceReader({
    source: { ...source, ...changed },
    clock,
    sha256,
    random: () => 0.5,
    settings: READER_SETTINGS,
    known: { group: null, baselinePaths: () => [] },
    onResult: () => undefined,
  });
  ended = reader.run(end.signal);
  return clock.settle();
};
const sync = (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) source.put('acme', path, text);
  const manifest = makeManifest({
    files: sourceFiles(files),
    sha256,
    by: 'maria',
    at: clock.now(),
    allow: [],
  });
  source.put('acme', 'manifest.json', printManifest(manifest));
};
const count = (call: string) => source.calls.filter((made) => made.startsWith(call)).length;
const cut = () => {
  const found = reader.view().cut;
  return found?.kind === 'snapshot' ? found.snapshot : null;
};

beforeEach(() => {
  clock = createFakeClock();
  source = createFakeSource({ now: clock.now });
});

afterEach(async () => {
  end.abort();
  await ended;
});

describe('objects that are never as listed', () => {
  test('are asked for ever more rarely, and it is said; when they are, they are taken', async () => {
    sync(FILES);
    let isWrong = true;
    const inner = source.read;
    await start({ read: async (object, signal) => (isWrong ? null : inner(object, signal)) });
    await clock.advance(5 * MINUTE);
    expect(reader.view()).toMatchObject({ cut: null, error: { code: 'SOURCE_TORN' } });
    expect(reader.view().error?.message).toContain('not as listed');
    source.forgetCalls();
    await clock.advance(10 * MINUTE);
    // Six listings a look, one look a minute.
    expect(count('list')).toBeLessThanOrEqual(20 * 6);
    isWrong = false;
    await clock.advance(MINUTE);
    expect(cut()?.files).toHaveLength(2);
    expect(reader.view().error).toBeNull();
  });
});

describe('a listing that does not show the manifest that a poll got', () => {
  const startStale = async () => {
    sync(FILES);
    let old: Awaited<ReturnType<ConfigSource['list']>> | null = null;
    const inner = source.list;
    await start({
      list: async (signal) => {
        const now = await inner(signal);
        return old ?? now;
      },
    });
    old = await inner(new AbortController().signal);
    sync({ ...FILES, 'datomic/shop.edn': '{:tables {:order/id {}}}' });
    source.forgetCalls();
    return () => {
      old = null;
    };
  };

  test('is asked for at once, then ever more rarely', async () => {
    const heal = await startStale();
    await clock.advance(10 * SECOND);
    expect(count('list')).toBeGreaterThanOrEqual(3);
    await clock.advance(5 * MINUTE);
    source.forgetCalls();
    await clock.advance(10 * MINUTE);
    expect(count('list')).toBeLessThanOrEqual(20 * 6);
    heal();
    await clock.advance(MINUTE);
    expect(cut()?.files.map(({ bytes }) => bytes.length)).toContain(24);
  });

  test('that catches up within seconds costs seconds', async () => {
    const heal = await startStale();
    await clock.advance(4 * SECOND);
    heal();
    await clock.advance(4 * SECOND);
    expect(cut()?.files.map(({ bytes }) => bytes.length)).toContain(24);
  });

  test('because the poll sees none at all, is asked for at most as often as without', async () => {
    sync(FILES);
    await start({ readManifest: async () => ({ kind: 'absent' }) });
    await clock.advance(5 * MINUTE);
    source.forgetCalls();
    await clock.advance(10 * MINUTE);
    expect(count('list')).toBeLessThanOrEqual(21);
    expect(reader.view().error).toBeNull();
  });
});

test('a manifest that a poll got longer than it is listed is not believed: the lock of a sync may be in it', async () => {
  sync(FILES);
  const inner = source.readManifest;
  let isEndless = false;
  await start({
    readManifest: async (group, tag, signal) => {
      const read = await inner(group, tag, signal);
      return isEndless && read.kind === 'found' ? { ...read, bytes: new Uint8Array(2_000_000) } : read;
    },
  });
  isEndless = true;
  source.put(
    'acme',
    'manifest.json',
    printManifest({ kind: 'pending', id: 'one', by: 'ci', at: clock.now() }),
  );
  source.put('acme', 'datomic/half.edn', '{}');
  await clock.advance(5 * MINUTE);
  expect(cut()?.files).toHaveLength(2);
  expect(reader.view().pending).toMatchObject({ id: 'one' });
});

test('403 to a poll is no success while nothing can be listed: it backs off, and hurries nothing', async () => {
  const denied = async () => Promise.reject(new AgentError('SOURCE_DENIED', 's3 refused the call'));
  let polls = 0;
  const readManifest = () => {
    polls += 1;
    return denied();
  };
  await start({ list: denied, readManifest });
  await clock.advance(5 * MINUTE);
  polls = 0;
  await clock.advance(10 * MINUTE);
  expect(reader.view()).toMatchObject({ lastSuccessAt: null, error: { code: 'SOURCE_DENIED' } });
  expect(polls).toBeLessThanOrEqual(20);
});
