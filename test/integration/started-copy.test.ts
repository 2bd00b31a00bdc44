import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { makeStartedCopy, readStartedCopy } from '../../agent/adapters/started-copy.ts';
import { ENGINE_TEXTS, layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const run = promisify(execFile);
const RELEASE = layOut({
  ...ENGINE_TEXTS,
  'catalog/orders.properties': 'connector.name=datomic\n',
  'datomic/orders.edn': '{}',
});
const NEXT = layOut({ ...ENGINE_TEXTS, 'catalog/stock.properties': 'connector.name=datomic\n' });
const { digest } = RELEASE.facts;

async function prepare() {
  const dir = await makeScratch();
  const places = {
    storeDir: join(dir, 'store'),
    startedDir: join(dir, 'run', 'started'),
    etcDir: join(dir, 'etc'),
    now: () => 1_234,
  };
  const store = createReleaseStore({ dir: places.storeDir, sha256 });
  await store.write(RELEASE);
  await store.write(NEXT);
  await store.writeIntent({ digest, phase: 'publishing' });
  return { dir, places, store, release: join(places.storeDir, 'releases', digest) };
}

test('it holds the intended catalogs and engine files, a record, and a link to the live metaschemas', async () => {
  const { places } = await prepare();
  expect(await readStartedCopy(places.startedDir)).toBeNull();
  expect(await makeStartedCopy(places)).toEqual({ digest, madeAt: 1_234 });
  expect(await readStartedCopy(places.startedDir)).toEqual({ digest, madeAt: 1_234 });
  expect((await readdir(places.startedDir)).toSorted()).toEqual(
    ['catalog', 'config.properties', 'datomic', 'jvm.config', 'node.properties', 'started.json'].toSorted(),
  );
  expect(await readdir(join(places.startedDir, 'catalog'))).toEqual(['orders.properties']);
  expect(await readFile(join(places.startedDir, 'jvm.config'), 'utf8')).toBe('-Xmx1g\n');
  expect(await readlink(join(places.startedDir, 'datomic'))).toBe(join(places.etcDir, 'datomic'));
  expect((await lstat(join(places.startedDir, 'catalog/orders.properties'))).mode & 0o777).toBe(0o640);
});

test('a copy made again holds the new release alone, and nothing lies beside it', async () => {
  const { places, store } = await prepare();
  await makeStartedCopy(places);
  await store.writeIntent({ digest: NEXT.facts.digest, phase: 'publishing' });
  await mkdir(join(places.startedDir, '..', '.started.4711-0123456789ab.partial'));
  await makeStartedCopy(places);
  expect(await readdir(join(places.startedDir, 'catalog'))).toEqual(['stock.properties']);
  expect((await readStartedCopy(places.startedDir))?.digest).toBe(NEXT.facts.digest);
  expect(await readdir(join(places.startedDir, '..'))).toEqual(['started']);
});

test('the live etc does not matter: half a publish starts whole', async () => {
  const { places } = await prepare();
  await mkdir(join(places.etcDir, 'catalog'), { recursive: true });
  await writeFile(join(places.etcDir, 'catalog/half.properties'), 'connector.name=no');
  await makeStartedCopy(places);
  expect(await readdir(join(places.startedDir, 'catalog'))).toEqual(['orders.properties']);
});

test('a release without catalogs gives an empty directory of catalogs', async () => {
  const { places, store } = await prepare();
  const bare = layOut({ ...ENGINE_TEXTS });
  await store.write(bare);
  await store.writeIntent({ digest: bare.facts.digest, phase: 'publishing' });
  await makeStartedCopy(places);
  expect(await readdir(join(places.startedDir, 'catalog'))).toEqual([]);
});

describe('it is refused, and the copy of the last start stays, when', () => {
  const obstacles: readonly [string, (places: { storeDir: string }, release: string) => Promise<void>][] = [
    ['there is no intent', ({ storeDir }) => rm(join(storeDir, 'intent.json'))],
    ['the intent is damaged', ({ storeDir }) => writeFile(join(storeDir, 'intent.json'), '{"digest":')],
    [
      'the intent names a path instead of a digest',
      ({ storeDir }) =>
        writeFile(join(storeDir, 'intent.json'), '{"digest":"../../../etc","phase":"publishing"}'),
    ],
    [
      'the intent is a link',
      async ({ storeDir }) => {
        await writeFile(join(storeDir, 'real.json'), JSON.stringify({ digest, phase: 'publishing' }));
        await rm(join(storeDir, 'intent.json'));
        await symlink('real.json', join(storeDir, 'intent.json'));
      },
    ],
    [
      'the intent is a pipe',
      async ({ storeDir }) => {
        await rm(join(storeDir, 'intent.json'));
        await run('mkfifo', [join(storeDir, 'intent.json')]);
      },
    ],
    ['the release is gone', (_, release) => rm(release, { recursive: true })],
    [
      'a byte of a catalog differs',
      (_, release) => writeFile(join(release, 'etc/catalog/orders.properties'), 'x'),
    ],
    [
      'a catalog is a link to a secret of root',
      async (_, release) => {
        await rm(join(release, 'etc/catalog/orders.properties'));
        await symlink('/etc/shadow', join(release, 'etc/catalog/orders.properties'));
      },
    ],
    [
      'the directory of catalogs is a link',
      async (_, release) => {
        await rm(join(release, 'etc/catalog'), { recursive: true });
        await symlink('../source/catalog', join(release, 'etc/catalog'));
      },
    ],
    [
      'a catalog is a pipe that nobody writes to',
      async (_, release) => {
        await rm(join(release, 'etc/catalog/orders.properties'));
        await run('mkfifo', [join(release, 'etc/catalog/orders.properties')]);
      },
    ],
    [
      'a catalog is a hole of terabytes',
      async (_, release) => {
        await run('truncate', ['-s', '1T', join(release, 'etc/catalog/orders.properties')]);
      },
    ],
  ];

  test.each(obstacles)('%s', async (_, obstruct) => {
    const { places, release } = await prepare();
    const before = await makeStartedCopy(places);
    await obstruct(places, release);
    await expect(makeStartedCopy(places)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await readStartedCopy(places.startedDir)).toEqual(before);
    expect(await readdir(join(places.startedDir, '..'))).toEqual(['started']);
    expect(await readFile(join(places.startedDir, 'catalog/orders.properties'), 'utf8')).toBe(
      'connector.name=datomic\n',
    );
  });
});

test('what was hidden under the name of the copy is replaced, links not followed', async () => {
  const { dir, places } = await prepare();
  await mkdir(join(dir, 'victim'), { recursive: true });
  await writeFile(join(dir, 'victim/precious'), 'x');
  await mkdir(join(dir, 'run'), { recursive: true });
  await symlink(join(dir, 'victim'), places.startedDir);
  await makeStartedCopy(places);
  expect((await lstat(places.startedDir)).isDirectory()).toBe(true);
  expect(await readFile(join(dir, 'victim/precious'), 'utf8')).toBe('x');
});

test.each(['', '{}', '{"digest":"x","madeAt":1}', '[]'])(
  'a record with %j is no started copy',
  async (text) => {
    const { places } = await prepare();
    await makeStartedCopy(places);
    await writeFile(join(places.startedDir, 'started.json'), text);
    expect(await readStartedCopy(places.startedDir)).toBeNull();
  },
);

test.runIf(process.getuid?.() === 0)(
  'made by root, it belongs to root and the group of the directory around it',
  async () => {
    const { places } = await prepare();
    await mkdir(join(places.startedDir, '..'), { recursive: true });
    await chown(join(places.startedDir, '..'), 0, 12_345);
    await chmod(join(places.startedDir, '..'), 0o750);
    await makeStartedCopy(places);
    for (const path of ['.', 'catalog', 'catalog/orders.properties', 'started.json', 'jvm.config']) {
      const { uid, gid, mode } = await lstat(join(places.startedDir, path));
      expect([uid, gid, mode & 0o027]).toEqual([0, 12_345, 0]);
    }
  },
);
