import { mkdir, readdir, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryFile } from '../../agent/adapters/memory-file.ts';
import { EMPTY_MEMORY, type Memory } from '../../agent/core/memory.ts';
import type { Digest, Fingerprint, RunId, SnapshotId } from '../../agent/core/types.ts';
import {
  createFailingOperations,
  createMortalOperations,
  type DeathMoment,
} from '../fakes/failing-operations.ts';
import { layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const { facts } = layOut({ 'datomic/a.edn': '{}' });
const snapshot = facts.snapshot;
const digest = 'd'.repeat(64) as Digest;
const run = 'run-1' as RunId;
const query = { id: 'q1', user: 'ann' };

/** Every field holds something, so that a field that is lost or mistaken shows. */
const FULL: Memory = {
  version: 1,
  group: { name: 'acme', markAt: 5 },
  desired: facts,
  proven: facts,
  inherited: facts,
  baselines: { acme: digest, __proto__x: digest },
  kept: { acme: { paths: ['datomic/a.edn'], from: digest, snapshot, at: 1 } },
  exposure: { snapshot, paths: [{ path: 'catalog/a.properties', reason: 'all databases' }], at: 2 },
  acknowledgements: [
    { kind: 'deletion', snapshot, paths: [{ path: 'datomic/a.edn', reason: null }], at: 3, by: 'ann' },
  ],
  refused: {
    snapshot: 's' as SnapshotId,
    reason: 'broken',
    issues: [
      {
        code: 'EDN_X',
        severity: 'error',
        path: 'datomic/a.edn',
        line: 3,
        column: 1,
        message: 'm',
        hint: 'h',
      },
    ],
    at: 4,
    by: 'ann',
  },
  quarantined: [
    {
      fingerprint: 'f' as Fingerprint,
      digest,
      kind: 'timeout',
      reason: 'r',
      log: ['line'],
      at: 5,
      retryAt: 6,
      tries: 1,
      isRetrying: false,
    },
  ],
  attempt: {
    digest,
    fingerprint: 'f' as Fingerprint,
    cause: 'catalog',
    replaces: run,
    openedAt: 7,
    proveBy: 8,
    serving: { run, at: 9 },
    stableUntil: 10,
  },
  watch: { digest, since: 11, exitsAt: [12] },
  drain: { run, beganAt: 13, until: 14, queries: [query] },
  job: { kind: 'restart', cause: 'request', sentAt: 15, replaces: run },
  run: { id: run, startedAt: 16 },
  countedExit: run,
  exits: [{ run, at: 17, kind: 'jvm-oom', detail: 'status 3', isExpected: false }],
  sick: { since: 18, step: 1, startAt: 19, isStopped: true, fingerprint: null },
  paused: { at: 20, by: 'ann', reason: 'work', until: null },
  requests: [
    {
      kind: 'restart',
      id: 'r1',
      by: 'ann',
      reason: 'why',
      requestedAt: 21,
      acceptedAt: 22,
      isNow: true,
      after: run,
      isJobAhead: false,
      pidBefore: 23,
      servedBy: null,
      failure: null,
    },
  ],
  servedBoot: 'boot',
  restarts: 24,
  lastRestart: {
    id: null,
    reason: 'catalog',
    outcome: 'pending',
    at: 25,
    drainMs: 26,
    stopMs: 27,
    startMs: null,
    queriesKilled: [query],
  },
};

async function prepare() {
  const dir = await makeScratch();
  const path = join(dir, 'memory.json');
  return { dir, path, file: createMemoryFile({ path }) };
}

test('without a file there is no memory, and nothing is set aside', async () => {
  const { file } = await prepare();
  expect(await file.load()).toEqual({ memory: null, setAside: null });
});

test.each([
  ['empty', EMPTY_MEMORY],
  ['full', FULL],
])('an %s memory is read back as it was saved', async (_, memory) => {
  const { path, file } = await prepare();
  await file.save(memory);
  expect(await createMemoryFile({ path }).load()).toEqual({ memory, setAside: null });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a field that an earlier build did not know gets its beginning', async () => {
  const { path, file } = await prepare();
  await writeFile(path, JSON.stringify({ version: 1, restarts: 7 }));
  expect(await file.load()).toEqual({ memory: { ...EMPTY_MEMORY, restarts: 7 }, setAside: null });
});

describe('what cannot be read is set aside, named, and never believed in part', () => {
  const put = (change: object) => JSON.stringify({ ...FULL, ...change });
  const texts: readonly [string, string][] = [
    ['nothing', ''],
    ['half a document', JSON.stringify(FULL).slice(0, 200)],
    ['zeros of a file system that lost its data', '\0'.repeat(64)],
    ['no object', '[1]'],
    ['null', 'null'],
    ['a newer version', put({ version: 2 })],
    ['no version', put({ version: undefined })],
    ['a string for a number', put({ restarts: '7' })],
    ['a number beyond all numbers', put({}).replace('"restarts":24', '"restarts":1e999')],
    ['a negative count', put({ restarts: -1 })],
    ['a digest that is a path', put({ baselines: { acme: '../../etc' } })],
    ['a list for an object', put({ kept: [] })],
    ['an object for a list', put({ exits: {} })],
    ['an unknown kind of failure', put({ quarantined: [{ ...FULL.quarantined[0], kind: 'magic' }] })],
    ['a field missing deep inside', put({ attempt: { digest } })],
    ['a list of a million entries', put({ servedBoot: null, exits: Array(20_000).fill(FULL.exits[0]) })],
  ];

  test.each(texts)('%s', async (_, text) => {
    const { dir, path, file } = await prepare();
    await writeFile(path, text);
    const setAside = join(dir, 'memory.json.corrupt-1');
    expect(await file.load()).toEqual({ memory: null, setAside });
    expect(await readFile(setAside, 'utf8')).toBe(text);
    expect(await file.load()).toEqual({ memory: null, setAside: null });
  });

  test('a link in the place of the file', async () => {
    const { dir, path, file } = await prepare();
    await writeFile(join(dir, 'elsewhere'), JSON.stringify(FULL));
    await symlink('elsewhere', path);
    expect(await file.load()).toMatchObject({ memory: null, setAside: `${path}.corrupt-1` });
  });

  test('no more than three of them stay, the newest among them', async () => {
    const { dir, path, file } = await prepare();
    for (let round = 1; round <= 5; round += 1) {
      await writeFile(path, `broken ${round}`);
      const { setAside } = await file.load();
      expect(await readFile(setAside ?? 'none', 'utf8')).toBe(`broken ${round}`);
    }
    expect((await readdir(dir)).length).toBe(3);
  });
});

test('equal memory is not written again, unless the file was touched by someone else', async () => {
  const { path, file } = await prepare();
  const inode = async () => (await stat(path)).ino;
  await file.save(FULL);
  const first = await inode();
  await file.save(structuredClone(FULL));
  expect(await inode()).toBe(first);
  await unlink(path);
  await file.save(FULL);
  expect((await createMemoryFile({ path }).load()).memory).toEqual(FULL);
  await writeFile(path, 'x');
  await file.save(FULL);
  expect((await createMemoryFile({ path }).load()).memory).toEqual(FULL);
});

test('a full disk is reported, and the old memory is intact', async () => {
  const { path, file } = await prepare();
  await file.save(FULL);
  const failing = createMemoryFile({ path, operations: createFailingOperations('writeNew', 'ENOSPC') });
  await expect(failing.save(EMPTY_MEMORY)).rejects.toMatchObject({
    code: 'STATE_FAILED',
    fields: { path, errno: 'ENOSPC' },
  });
  expect((await file.load()).memory).toEqual(FULL);
});

test.each<DeathMoment>(['before', 'half', 'after'])(
  'killed %s any step of a save, it is the old memory or the new one, and nothing is left over',
  async (moment) => {
    for (let step = 0; ; step += 1) {
      const { dir, path, file } = await prepare();
      await file.save(FULL);
      const mortal = createMortalOperations(step, moment);
      await createMemoryFile({ path, operations: mortal.operations })
        .save(EMPTY_MEMORY)
        .catch(() => undefined);
      const { memory, setAside } = await createMemoryFile({ path }).load();
      expect([FULL, EMPTY_MEMORY]).toContainEqual(memory);
      expect(setAside).toBeNull();
      expect(await readdir(dir)).toEqual(['memory.json']);
      if (!mortal.isDead()) break;
    }
  },
);

test('a directory in the place of the file is set aside too', async () => {
  const { path, file } = await prepare();
  await mkdir(path);
  expect(await file.load()).toEqual({ memory: null, setAside: `${path}.corrupt-1` });
});
