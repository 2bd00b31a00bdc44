import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createSourceReader,
  type SourceReader,
  type SourceReaderOptions,
} from '../../../agent/app/source-reader.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import { printManifest, snapshotId } from '../../../agent/core/manifest.ts';
import type { HoldKind } from '../../../agent/core/types.ts';
import { createFakeClock, type FakeClock } from '../../fakes/fake-clock.ts';
import { createFakeSource, type FakeSource } from '../../fakes/fake-source.ts';
import { makeManifest } from '../../support/manifest.ts';
import { READER_SETTINGS } from '../../support/reader-settings.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const encode = (text: string) => new TextEncoder().encode(text);
const denied = () => new AgentError('SOURCE_DENIED', 's3 refused the call', { fields: { status: 403 } });
const unreachable = () => new AgentError('SOURCE_UNREACHABLE', 's3 cannot be reached');

const FILES = { 'catalog/shop.properties': 'connector.name=datomic\n', 'datomic/shop.edn': '{:tables {}}' };

let clock: FakeClock;
let source: FakeSource;
let reader: SourceReader;
let results = 0;
let end: AbortController;
let ended: Promise<void>;

const start = (
  settings: Partial<SourceReaderOptions['settings']> = {},
  known: Partial<SourceReaderOptions['known']> = {},
) => {
  end = new AbortController();
  results = 0;
  reader = createSourceReader({
    source,
    clock,
    sha256,
    random: () => 0.5,
    settings: { ...READER_SETTINGS, ...settings },
    known: { group: null, baselinePaths: () => [], ...known },
    onResult: () => {
      results += 1;
    },
  });
  ended = reader.run(end.signal);
  return clock.settle();
};

const put = (files: Readonly<Record<string, string>>, group = 'acme') => {
  for (const [path, content] of Object.entries(files)) source.put(group, path, content);
};
const toFiles = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, content]) => ({ path, bytes: encode(content) }));
const nameOf = (files: Readonly<Record<string, string>>) => snapshotId(toFiles(files), sha256);
const putManifest = (
  files: Readonly<Record<string, string>>,
  { group = 'acme', allow = [] as HoldKind[], by = 'maria' } = {},
) => {
  const manifest = makeManifest({ files: toFiles(files), sha256, by, at: clock.now() - 1, allow });
  source.put(group, 'manifest.json', printManifest(manifest));
};
const putPending = (group = 'acme') => {
  const text = printManifest({ kind: 'pending', id: 'lock-1', by: 'ci', at: clock.now() - 50 });
  source.put(group, 'manifest.json', text);
};
/** As the gateway's own CLI does it, all at one moment. */
const sync = (files: Readonly<Record<string, string>>, options: Parameters<typeof putManifest>[1] = {}) => {
  put(files, options.group);
  putManifest(files, options);
};

const snapshot = () => {
  const { cut } = reader.view();
  return cut?.kind === 'snapshot' ? cut.snapshot : null;
};
const codes = () => reader.view().cut?.issues.map(({ code }) => code);
const count = (call: string) => source.calls.filter((made) => made.startsWith(call)).length;

beforeEach(() => {
  clock = createFakeClock();
  source = createFakeSource({ now: clock.now });
});

afterEach(async () => {
  end.abort();
  source.release();
  await ended;
});

describe('two speeds', () => {
  test('idle, the manifest is polled every 2 s and the listing every 30 s', async () => {
    sync(FILES);
    await start();
    source.forgetCalls();
    await clock.advance(10 * MINUTE);
    expect(count('readManifest')).toBeGreaterThanOrEqual(290);
    expect(count('readManifest')).toBeLessThanOrEqual(301);
    expect(count('list')).toBe(20);
    expect(count('read ')).toBe(0);
  });

  test('a sync with a manifest is taken at the first poll after it', async () => {
    sync(FILES);
    await start();
    expect(snapshot()?.id).toBe(nameOf(FILES));
    const next = { ...FILES, 'datomic/shop.edn': '{:tables {:order/id {}}}' };
    sync(next);
    await clock.advance(2 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(next));
    expect(reader.view().manifestAt).toBe(clock.now());
  });

  test('only what changed is got again, and the manifest not a second time', async () => {
    sync(FILES);
    await start();
    await clock.advance(SECOND);
    source.forgetCalls();
    sync({ ...FILES, 'datomic/shop.edn': '{}' });
    // The other file was not written again.
    await clock.advance(2 * SECOND);
    expect(source.calls.filter((call) => call.startsWith('read ')).length).toBe(2);
    source.forgetCalls();
    source.put('acme', 'datomic/shop.edn', '{:tables {}}');
    putManifest(FILES);
    await clock.advance(2 * SECOND);
    expect(source.calls).toEqual(['readManifest acme', 'list', 'read acme/datomic/shop.edn', 'list']);
  });

  test('an event of the source is looked at once', async () => {
    sync(FILES);
    await start();
    sync({ 'datomic/shop.edn': '{}', 'catalog/shop.properties': 'x=1' });
    source.emit();
    await clock.settle();
    expect(snapshot()?.files).toHaveLength(2);
    expect(snapshot()?.id).toBe(nameOf({ 'datomic/shop.edn': '{}', 'catalog/shop.properties': 'x=1' }));
  });

  test('a reason to look that comes in the middle of a look leads to another one', async () => {
    sync(FILES);
    await start();
    source.hang('list');
    reader.lookNow();
    await clock.settle();
    const askedAt = clock.now();
    await clock.advance(SECOND);
    reader.lookNow();
    source.forgetCalls();
    source.release();
    await clock.settle();
    expect(count('list')).toBe(1);
    expect(reader.view().settledAt).toBe(askedAt + SECOND);
  });

  test('the reader ends when it is told, also in the middle of a call', async () => {
    source.hang('list');
    await start();
    end.abort();
    await ended;
    expect(reader.view()).toMatchObject({ error: null, cut: null, lastPollAt: null });
  });
});

describe('a consistent cut', () => {
  test('files, origin and permissions come from an agreeing manifest', async () => {
    sync(FILES, { allow: ['deletion'], by: 'maria' });
    await start();
    expect(snapshot()).toMatchObject({
      group: 'acme',
      files: [{ path: 'catalog/shop.properties' }, { path: 'datomic/shop.edn' }],
      origin: { by: 'maria', at: clock.now() - 1 },
      allow: ['deletion'],
    });
    expect(codes()).toEqual([]);
  });

  test('an object that is replaced in mid-read: nothing of the old, then all of the new', async () => {
    sync(FILES);
    const next = { ...FILES, 'datomic/shop.edn': '{:new 1}' };
    let isDone = false;
    source.before((call, path) => {
      if (call === 'read' && path === 'acme/datomic/shop.edn' && !isDone) {
        isDone = true;
        sync(next);
      }
    });
    await start();
    expect(snapshot()?.id).toBe(nameOf(next));
  });

  test('an object that changes between the reads and the second listing is seen there', async () => {
    sync(FILES);
    const next = { ...FILES, 'catalog/shop.properties': 'connector.name=other' };
    let listings = 0;
    source.before((call) => {
      if (call !== 'list') return;
      listings += 1;
      if (listings === 2) sync(next);
    });
    await start();
    expect(snapshot()?.id).toBe(nameOf(next));
    expect(count('list')).toBe(3);
  });

  test('a source that changes at every read is left alone after a few rounds, then taken when it rests', async () => {
    sync(FILES);
    let version = 0;
    source.before((call) => {
      if (call !== 'read') return;
      version += 1;
      sync({ ...FILES, 'datomic/shop.edn': `{:v ${version}}` });
    });
    await start();
    expect(snapshot()).toBeNull();
    expect(reader.view()).toMatchObject({ isSettling: true, error: null });
    expect(count('list')).toBeLessThan(20);
    source.before(null);
    await clock.advance(2 * SECOND);
    expect(snapshot()?.id).toBe(nameOf({ ...FILES, 'datomic/shop.edn': `{:v ${version}}` }));
  });

  test('a manifest whose sha256 is of other content counts for nothing: settle, unknown, nothing allowed', async () => {
    put({ ...FILES, 'datomic/shop.edn': '{:tables []}' });
    putManifest(FILES, { allow: ['deletion', 'exposure'] });
    await start();
    expect(snapshot()).toBeNull();
    await clock.advance(16 * SECOND);
    expect(snapshot()).toMatchObject({ origin: { by: 'unknown' }, allow: [] });
    expect(codes()).toEqual(['SOURCE_MANIFEST_DISAGREES']);
    expect(reader.view().manifestAt).toBeNull();
  });

  test('the same content synced again is a new cut with its own origin', async () => {
    sync(FILES, { by: 'maria' });
    await start();
    const first = reader.view().cut;
    sync(FILES, { by: 'ci', allow: ['exposure'] });
    await clock.advance(2 * SECOND);
    expect(snapshot()).toMatchObject({ id: nameOf(FILES), origin: { by: 'ci' }, allow: ['exposure'] });
    expect(reader.view().cut).not.toBe(first);
  });

  test('while nothing changes the cut stays the very same object', async () => {
    sync(FILES);
    source.put('acme', 'README.md', 'hello');
    await start();
    const first = reader.view().cut;
    expect(codes()).toEqual(['SOURCE_FOREIGN_PATH']);
    await clock.advance(5 * MINUTE);
    expect(reader.view().cut).toBe(first);
    source.remove('acme', 'README.md');
    await clock.advance(MINUTE);
    expect(codes()).toEqual([]);
    expect(snapshot()?.id).toBe(nameOf(FILES));
  });

  test.each<[title: string, files: Record<string, string>, code: string]>([
    ['a file over the limit', { 'datomic/a.edn': 'x'.repeat(1_001) }, 'SOURCE_FILE_TOO_LARGE'],
    [
      'eleven files',
      Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`datomic/m${index}.edn`, '{}'])),
      'SOURCE_TOO_MANY_FILES',
    ],
    [
      'too much in all',
      Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`datomic/m${index}.edn`, 'x'.repeat(900)])),
      'SOURCE_TOTAL_TOO_LARGE',
    ],
  ])('%s: refused as a whole, and not one byte is read', async (_title, files, code) => {
    sync(FILES);
    await start();
    source.forgetCalls();
    sync({ ...FILES, ...files });
    await clock.advance(2 * SECOND);
    const { cut } = reader.view();
    expect(cut).toMatchObject({ kind: 'over-limit', group: 'acme', origin: { by: 'maria' } });
    expect(codes()).toEqual([code]);
    expect(count('read ')).toBe(0);
    sync(FILES);
    for (const path of Object.keys(files)) source.remove('acme', path);
    await clock.advance(30 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(FILES));
  });
});

describe('pending', () => {
  test('while a sync is under way nothing is taken; its end is taken at once', async () => {
    sync(FILES);
    await start();
    putPending();
    const next = { ...FILES, 'datomic/more.edn': '{}' };
    put(next);
    await clock.advance(5 * MINUTE);
    expect(snapshot()?.id).toBe(nameOf(FILES));
    expect(reader.view()).toMatchObject({
      pending: { id: 'lock-1', by: 'ci', isInterrupted: false },
      error: null,
    });
    putManifest(next);
    await clock.advance(2 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(next));
    expect(reader.view().pending).toBeNull();
  });

  test('after 15 minutes the sync counts as interrupted, and still nothing of it is taken', async () => {
    sync(FILES);
    await start();
    putPending();
    source.remove('acme', 'datomic/shop.edn');
    await clock.advance(14 * MINUTE);
    expect(reader.view().pending?.isInterrupted).toBe(false);
    await clock.advance(2 * MINUTE);
    expect(reader.view().pending?.isInterrupted).toBe(true);
    expect(snapshot()?.id).toBe(nameOf(FILES));
  });

  test("an abandoned lock ends with the manifest's deletion: then the listing settles", async () => {
    sync(FILES);
    await start();
    putPending();
    await clock.advance(MINUTE);
    source.remove('acme', 'manifest.json');
    await clock.advance(3 * SECOND);
    expect(reader.view()).toMatchObject({ pending: null, isSettling: true });
    await clock.advance(16 * SECOND);
    expect(snapshot()).toMatchObject({ id: nameOf(FILES), origin: { by: 'unknown' } });
  });

  test('a first boot in the middle of a sync says so and waits', async () => {
    put(FILES, 'q1');
    putPending('q1');
    await start();
    await clock.advance(MINUTE);
    expect(reader.view()).toMatchObject({ cut: null, group: null, pending: { by: 'ci' }, settledAt: null });
    putManifest(FILES, { group: 'q1' });
    await clock.advance(2 * SECOND);
    expect(snapshot()?.group).toBe('q1');
  });
});

describe('settling without manifest', () => {
  test('a listing that stays the same for 15 s is taken, and not sooner', async () => {
    put(FILES);
    await start();
    await clock.advance(14 * SECOND);
    expect(reader.view()).toMatchObject({ cut: null, isSettling: true, settledAt: null });
    await clock.advance(2 * SECOND);
    expect(snapshot()).toMatchObject({ id: nameOf(FILES), origin: { by: 'unknown' }, allow: [] });
    expect(reader.view().isSettling).toBe(false);
  });

  test('half a sync with gaps shorter than the settle time does not go live', async () => {
    put(FILES);
    await start();
    await clock.advance(20 * SECOND);
    const before = nameOf(FILES);
    const next: Record<string, string> = { ...FILES };
    for (let step = 0; step < 10; step += 1) {
      next[`datomic/m${step}.edn`] = '{}';
      source.put('acme', `datomic/m${step}.edn`, '{}');
      if (step < 8) await clock.advance(9 * SECOND);
      if (step < 7) expect(snapshot()?.id).toBe(before);
    }
    source.remove('acme', 'datomic/m8.edn');
    source.remove('acme', 'datomic/m9.edn');
    delete next['datomic/m8.edn'];
    delete next['datomic/m9.edn'];
    await clock.advance(MINUTE);
    expect(snapshot()?.id).toBe(nameOf(next));
  });

  test('a deletion takes 30 s', async () => {
    put(FILES);
    await start();
    await clock.advance(20 * SECOND);
    source.remove('acme', 'datomic/shop.edn');
    reader.lookNow();
    await clock.advance(29 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(FILES));
    await clock.advance(2 * SECOND);
    expect(snapshot()?.files.map(({ path }) => path)).toEqual(['catalog/shop.properties']);
  });

  test('on a fresh instance a path that the baseline had and the source has not takes 30 s', async () => {
    source.put('acme', 'catalog/shop.properties', 'x=1');
    await start({}, { baselinePaths: (group) => (group === 'acme' ? Object.keys(FILES) : []) });
    await clock.advance(29 * SECOND);
    expect(snapshot()).toBeNull();
    await clock.advance(2 * SECOND);
    expect(snapshot()?.files).toHaveLength(1);
  });

  test('an emptied group becomes an empty snapshot of that group, after 30 s', async () => {
    sync(FILES);
    await start();
    source.clear();
    await clock.advance(29 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(FILES));
    await clock.advance(35 * SECOND);
    expect(snapshot()).toMatchObject({ group: 'acme', files: [] });
  });

  test('a clock that is set back an hour in the middle does not stop the reader', async () => {
    put(FILES);
    await start();
    await clock.advance(10 * SECOND);
    clock.set(clock.now() - 60 * MINUTE);
    await clock.advance(40 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(FILES));
    sync({ 'datomic/b.edn': '{}', ...FILES });
    await clock.advance(3 * SECOND);
    expect(snapshot()?.files).toHaveLength(3);
  });

  test('settledAt is the start of a listing that left nothing to settle, and moves with each one', async () => {
    sync(FILES);
    await start();
    const first = clock.now();
    expect(reader.view().settledAt).toBe(first);
    await clock.advance(7 * SECOND);
    reader.lookNow();
    await clock.settle();
    expect(reader.view().settledAt).toBe(first + 7 * SECOND);
    source.put('acme', 'datomic/new.edn', '{}');
    reader.lookNow();
    await clock.advance(5 * SECOND);
    expect(reader.view()).toMatchObject({ settledAt: first + 7 * SECOND, isSettling: true });
  });
});

describe('the group in force', () => {
  test('moves once to a group that is synced, and says from which mark', async () => {
    sync(FILES);
    await start();
    const markAt = clock.now();
    expect(reader.view().group).toEqual({ name: 'acme', markAt });
    await clock.advance(10 * SECOND);
    sync({ 'catalog/q.properties': 'x=1' }, { group: 'q1' });
    await clock.advance(30 * SECOND);
    expect(snapshot()).toMatchObject({ group: 'q1', files: [{ path: 'catalog/q.properties' }] });
    expect(reader.view().group).toEqual({ name: 'q1', markAt: markAt + 10 * SECOND });
    await clock.advance(10 * MINUTE);
    expect(snapshot()?.group).toBe('q1');
  });

  test('does not move when it is emptied, or loses its newest file', async () => {
    put(FILES, 'q1');
    await clock.advance(SECOND);
    sync(FILES);
    await start();
    source.remove('acme', 'manifest.json');
    await clock.advance(2 * MINUTE);
    expect(reader.view().group?.name).toBe('acme');
    source.remove('acme', 'datomic/shop.edn');
    source.remove('acme', 'catalog/shop.properties');
    await clock.advance(2 * MINUTE);
    expect(reader.view().group?.name).toBe('acme');
    expect(snapshot()).toMatchObject({ group: 'acme', files: [] });
  });

  test('moves although the other sync fell into the same second of S3', async () => {
    sync(FILES);
    await start();
    const at = reader.view().group?.markAt ?? 0;
    source.put('q1', 'catalog/q.properties', 'x=1', at);
    await clock.advance(MINUTE);
    expect(snapshot()?.group).toBe('q1');
  });

  test('moves after a restart of the agent by what was gained meanwhile, and by nothing else', async () => {
    sync(FILES);
    await clock.advance(SECOND);
    sync({ 'catalog/q.properties': 'x=1' }, { group: 'q1' });
    await start({}, { group: { name: 'acme', markAt: clock.now() } });
    expect(snapshot()?.group).toBe('acme');
    end.abort();
    await ended;
    await start({}, { group: { name: 'acme', markAt: clock.now() - SECOND } });
    expect(snapshot()?.group).toBe('q1');
  });

  test('a named group stays, whatever is synced elsewhere', async () => {
    sync(FILES);
    await start({ group: 'q1' });
    await clock.advance(SECOND);
    expect(reader.view().group?.name).toBe('q1');
    sync({ 'catalog/q.properties': 'x=1' }, { group: 'q1' });
    await clock.advance(2 * SECOND);
    expect(snapshot()).toMatchObject({ group: 'q1', files: [{ path: 'catalog/q.properties' }] });
    sync({ ...FILES, 'datomic/new.edn': '{}' });
    await clock.advance(MINUTE);
    expect(snapshot()?.group).toBe('q1');
  });

  test('with nothing anywhere the default group is in force, empty, once that has settled', async () => {
    await start();
    expect(reader.view().group).toBeNull();
    await clock.advance(16 * SECOND);
    expect(reader.view().group).toEqual({ name: 'acme', markAt: 0 });
    expect(snapshot()).toMatchObject({ group: 'acme', files: [] });
  });
});

describe('errors', () => {
  test('keep the last cut, say since when and how often, and back off up to a minute', async () => {
    sync(FILES);
    await start();
    source.fail('list', unreachable());
    source.fail('readManifest', unreachable());
    const since = clock.now() + 2 * SECOND;
    await clock.advance(20 * MINUTE);
    const { cut, error } = reader.view();
    expect(cut?.kind).toBe('snapshot');
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', message: 's3 cannot be reached', since });
    expect(error?.hint).toContain('endpoint');
    expect(error?.failures).toBeGreaterThan(30);
    source.forgetCalls();
    await clock.advance(10 * MINUTE);
    expect(source.calls.length).toBeLessThan(2 * 10 * 2);
    expect(source.calls.length).toBeGreaterThan(10);
  });

  test('go away by themselves, and polling is at full speed again', async () => {
    sync(FILES);
    await start();
    source.fail('list', unreachable());
    source.fail('readManifest', unreachable());
    await clock.advance(20 * MINUTE);
    source.fail('list', null);
    source.fail('readManifest', null);
    await clock.advance(MINUTE);
    expect(reader.view().error).toBeNull();
    source.forgetCalls();
    await clock.advance(MINUTE);
    expect(count('readManifest')).toBeGreaterThanOrEqual(28);
  });

  test('a wish to look is tried at once, also in the middle of a back-off', async () => {
    sync(FILES);
    await start();
    source.fail('list', denied());
    source.fail('readManifest', denied());
    await clock.advance(20 * MINUTE);
    source.fail('list', null);
    source.fail('readManifest', null);
    source.forgetCalls();
    reader.lookNow();
    await clock.settle();
    expect(source.calls.slice(0, 2)).toEqual(['list', 'readManifest acme']);
    expect(reader.view().error).toBeNull();
  });

  test('while only listings fail, polls go on, and each look is spaced', async () => {
    sync(FILES);
    await start();
    source.fail('list', denied());
    await clock.advance(10 * MINUTE);
    source.forgetCalls();
    await clock.advance(10 * MINUTE);
    expect(count('readManifest')).toBeGreaterThan(280);
    expect(count('list')).toBeLessThan(20);
    expect(reader.view().error?.code).toBe('SOURCE_DENIED');
  });

  test('an unreadable object keeps the last cut; what was got is not got again', async () => {
    sync(FILES);
    await start();
    sync({ ...FILES, 'datomic/shop.edn': '{:new 1}' });
    source.fail('read', new AgentError('SOURCE_TORN', 's3 body was cut short'));
    await clock.advance(5 * SECOND);
    expect(snapshot()?.id).toBe(nameOf(FILES));
    expect(reader.view().error?.code).toBe('SOURCE_TORN');
    source.fail('read', null);
    await clock.advance(MINUTE);
    expect(snapshot()?.id).toBe(nameOf({ ...FILES, 'datomic/shop.edn': '{:new 1}' }));
    expect(reader.view().error).toBeNull();
  });

  test('on a first boot without source there is no cut and no settling, only the error', async () => {
    const missing = new AgentError('SOURCE_MISSING', 'bucket does not exist', { fields: { bucket: 'b' } });
    source.fail('list', missing);
    source.fail('readManifest', missing);
    await start();
    expect(reader.view()).toMatchObject({
      cut: null,
      settledAt: null,
      lastSuccessAt: null,
      lastPollAt: clock.now(),
      error: { code: 'SOURCE_MISSING', message: 'bucket does not exist bucket=b', failures: 2 },
    });
    expect(results).toBe(2);
  });

  test('403 for a manifest that is not there is no error: without leave to list the bucket, S3 says so', async () => {
    put(FILES);
    await start();
    source.fail('readManifest', denied());
    await clock.advance(MINUTE);
    expect(reader.view().error).toBeNull();
    expect(snapshot()?.id).toBe(nameOf(FILES));
    putManifest(FILES);
    source.fail('read', denied());
    await clock.advance(MINUTE);
    expect(reader.view().error?.code).toBe('SOURCE_DENIED');
  });

  test('a call that hangs delays nothing but the reader itself', async () => {
    sync(FILES);
    await start();
    const before = reader.view();
    source.hang('readManifest');
    await clock.advance(5 * MINUTE);
    expect(reader.view()).toMatchObject({ cut: before.cut, group: before.group });
  });

  test('whoever waits is told of results, failures and recoveries, and not of polls that found nothing', async () => {
    sync(FILES);
    await start();
    expect(results).toBe(1);
    await clock.advance(29 * SECOND);
    expect(results).toBe(1);
    source.fail('readManifest', unreachable());
    await clock.advance(2 * SECOND);
    const failed = results;
    expect(failed).toBeGreaterThan(1);
    source.fail('readManifest', null);
    await clock.advance(3 * SECOND);
    expect(results).toBeGreaterThan(failed);
    expect(reader.view().error).toBeNull();
  });
});
