import { chmod, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileOperations } from '../../agent/adapters/file-operations.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import {
  createFailingOperations,
  createMortalOperations,
  type DeathMoment,
} from '../fakes/failing-operations.ts';
import { ENGINE_TEXTS, layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const RELEASE = layOut({
  ...ENGINE_TEXTS,
  'catalog/orders.properties': 'connector.name=datomic\n',
  'datomic/orders.edn': '{:tables {:order/id {}}}',
});
const { digest } = RELEASE.facts;

async function writeOne() {
  const dir = await makeScratch();
  const store = createReleaseStore({ dir, sha256 });
  await store.write(RELEASE);
  return { dir, store, release: join(dir, 'releases', digest) };
}

describe('a release that the disk damaged is null, is not listed, and is replaced by the next write', () => {
  const damages: readonly [string, (dir: string) => Promise<void>][] = [
    ['a byte differs', (dir) => writeFile(join(dir, 'etc/jvm.config'), '-Xmx2g\n')],
    ['a file is cut short', (dir) => truncate(join(dir, 'source/catalog/orders.properties'), 3)],
    ['a file is missing', (dir) => rm(join(dir, 'etc/datomic/orders.edn'))],
    ['a file too many', (dir) => writeFile(join(dir, 'etc/datomic/more.edn'), '{}')],
    ['a file of no known kind', (dir) => writeFile(join(dir, 'etc/datomic/notes.txt'), 'x')],
    ['a whole directory is missing', (dir) => rm(join(dir, 'etc'), { recursive: true })],
    ['its description is missing', (dir) => rm(join(dir, 'release.json'))],
    ['its description is no JSON', (dir) => writeFile(join(dir, 'release.json'), '{')],
    ['its description is empty', (dir) => writeFile(join(dir, 'release.json'), '')],
    [
      'its description tells another fingerprint',
      async (dir) => {
        const path = join(dir, 'release.json');
        await writeFile(path, (await readFile(path, 'utf8')).replace('f'.repeat(64), 'e'.repeat(64)));
      },
    ],
    [
      'a link stands for a file, though its target has the right bytes',
      async (dir) => {
        await writeFile(join(dir, '..', 'elsewhere'), '-Xmx1g\n');
        await rm(join(dir, 'etc/jvm.config'));
        await symlink('../../elsewhere', join(dir, 'etc/jvm.config'));
      },
    ],
    [
      'a directory stands for a file',
      async (dir) => {
        await rm(join(dir, 'etc/jvm.config'));
        await mkdir(join(dir, 'etc/jvm.config'));
      },
    ],
  ];

  test.each(damages)('%s', async (_, damage) => {
    const { store, release } = await writeOne();
    await damage(release);
    expect(await store.read(digest)).toBeNull();
    expect(await store.list()).toEqual([]);
    await store.write(RELEASE);
    expect(await store.read(digest)).toEqual(RELEASE);
    expect(await store.list()).toEqual([RELEASE.facts]);
  });
});

test('files are readable for the group and nobody else, whatever the umask', async () => {
  const previous = process.umask(0o077);
  try {
    const { release } = await writeOne();
    for (const path of ['release.json', 'etc/catalog/orders.properties', 'source/datomic/orders.edn']) {
      expect((await stat(join(release, path))).mode & 0o777).toBe(0o640);
    }
  } finally {
    process.umask(previous);
  }
});

test('directories inherit the set-group-id bit of the store', async () => {
  const dir = await makeScratch();
  await chmod(dir, 0o2750);
  await createReleaseStore({ dir, sha256 }).write(RELEASE);
  for (const path of ['releases', `releases/${digest}`, `releases/${digest}/etc/catalog`]) {
    expect((await stat(join(dir, path))).mode & 0o2000).toBe(0o2000);
  }
});

test.each([
  ['ENOSPC', 'STORE_FULL'],
  ['EDQUOT', 'STORE_FULL'],
  ['EROFS', 'STORE_FAILED'],
  ['EIO', 'STORE_FAILED'],
])('a disk that answers %s gives %s and leaves nothing behind', async (errno, code) => {
  const dir = await makeScratch();
  const failing = createFailingOperations('writeNew', errno, (path) => path.endsWith('node.properties'));
  const store = createReleaseStore({ dir, sha256, operations: failing });
  await expect(store.write(RELEASE)).rejects.toMatchObject({ code, fields: { errno } });
  expect(await readdir(join(dir, 'releases'))).toEqual([]);
  await expect(
    createReleaseStore({ dir, sha256, operations: createFailingOperations('writeNew', errno) }).writeIntent({
      digest,
      phase: 'publishing',
    }),
  ).rejects.toMatchObject({ code });
});

test('a file system without second names gets whole files', async () => {
  const dir = await makeScratch();
  const operations = createFailingOperations('link', 'EPERM');
  const store = createReleaseStore({ dir, sha256, operations });
  await store.write(RELEASE);
  expect(await store.read(digest)).toEqual(RELEASE);
});

test.each(['', '{', '{"digest":"x","phase":"published"}', `{"digest":"${digest}"}`, 'null'])(
  'an intent file with %j is no intent',
  async (text) => {
    const dir = await makeScratch();
    await writeFile(join(dir, 'intent.json'), text);
    expect(await createReleaseStore({ dir, sha256 }).readIntent()).toBeNull();
  },
);

describe('killed at any step, a store holds whole releases only, and the next life goes on', () => {
  const moments: readonly DeathMoment[] = ['before', 'half', 'after'];

  test.each(moments)('killed %s a step of a write', async (moment) => {
    for (let step = 0; ; step += 1) {
      const dir = await makeScratch();
      const mortal = createMortalOperations(step, moment);
      const dying = createReleaseStore({ dir, sha256, operations: mortal.operations });
      const isWritten = await dying.write(RELEASE).then(
        () => true,
        () => false,
      );

      const store = createReleaseStore({ dir, sha256 });
      const found = await store.read(digest);
      expect(found === null || found.facts.digest === digest).toBe(true);
      expect((await store.list()).length).toBe(found === null ? 0 : 1);
      await store.write(RELEASE);
      await store.prune([digest]);
      expect(await store.read(digest)).toEqual(RELEASE);
      expect(await readdir(join(dir, 'releases'))).toEqual([digest]);
      if (isWritten) {
        expect(mortal.isDead()).toBe(false);
        break;
      }
    }
  });

  test.each(moments)('killed %s a step of a prune', async (moment) => {
    const releases = Array.from({ length: 7 }, (_, number) =>
      layOut({ ...ENGINE_TEXTS, 'datomic/a.edn': `{} ; ${number}` }),
    );
    for (let step = 0; ; step += 1) {
      const dir = await makeScratch();
      const writer = createReleaseStore({
        dir,
        sha256,
        operations: { ...fileOperations, syncDirectory: async () => undefined },
      });
      for (const release of releases) await writer.write(release);
      const mortal = createMortalOperations(step, moment);
      await createReleaseStore({ dir, sha256, operations: mortal.operations })
        .prune([digest])
        .catch(() => undefined);

      const store = createReleaseStore({ dir, sha256 });
      for (const facts of await store.list()) expect(await store.read(facts.digest)).not.toBeNull();
      await store.prune([]);
      expect((await readdir(join(dir, 'releases'))).toSorted()).toEqual(
        releases
          .slice(2)
          .map((release) => release.facts.digest)
          .toSorted(),
      );
      if (!mortal.isDead()) break;
    }
  });

  test.each(moments)('killed %s a step of a new intent: the old one or the new one', async (moment) => {
    const old = { digest, phase: 'published' } as const;
    const next = { digest, phase: 'publishing' } as const;
    for (let step = 0; ; step += 1) {
      const dir = await makeScratch();
      await createReleaseStore({ dir, sha256 }).writeIntent(old);
      const mortal = createMortalOperations(step, moment);
      await createReleaseStore({ dir, sha256, operations: mortal.operations })
        .writeIntent(next)
        .catch(() => undefined);
      const store = createReleaseStore({ dir, sha256 });
      expect([old, next]).toContainEqual(await store.readIntent());
      await store.prune([]);
      expect(await readdir(dir)).toEqual(['intent.json']);
      if (!mortal.isDead()) break;
    }
  });
});
