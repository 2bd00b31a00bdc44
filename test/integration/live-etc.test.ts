import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLiveEtc } from '../../agent/adapters/live-etc.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { createFailingOperations } from '../fakes/failing-operations.ts';
import { ENGINE_TEXTS, layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const RELEASE = layOut({
  ...ENGINE_TEXTS,
  'catalog/orders.properties': 'connector.name=datomic\n',
  'catalog/stock.properties': 'connector.name=datomic\n# stock\n',
  'datomic/orders.edn': '{:tables {:order/id {}}}',
});
const ALL = RELEASE.etc.map((file) => file.path);

async function bringOne() {
  const dir = await makeScratch();
  const etc = createLiveEtc({ dir, sha256 });
  await etc.bring(RELEASE);
  return { dir, etc };
}

async function readAll(dir: string): Promise<Record<string, string>> {
  const entries = await Promise.all(ALL.map(async (path) => [path, await readFile(join(dir, path), 'utf8')]));
  return Object.fromEntries(entries);
}

const WANTED = Object.fromEntries(
  RELEASE.etc.map((file) => [file.path, Buffer.from(file.bytes).toString('utf8')]),
);

test('an empty directory gets everything, in path order, and is in line then', async () => {
  const dir = join(await makeScratch(), 'etc');
  const etc = createLiveEtc({ dir, sha256 });
  expect(await etc.compare(RELEASE)).toEqual(ALL);
  expect(await etc.bring(RELEASE)).toEqual(ALL);
  expect(await etc.compare(RELEASE)).toEqual([]);
  expect(await etc.bring(RELEASE)).toEqual([]);
  expect(await readAll(dir)).toEqual(WANTED);
});

describe('drift is reported by path, put right, and gone then', () => {
  const drifts: readonly [string, readonly string[], (dir: string) => Promise<void>][] = [
    [
      'a file edited by hand',
      ['catalog/orders.properties'],
      (dir) => writeFile(join(dir, 'catalog/orders.properties'), 'connector.name=jdbc!!!\n'),
    ],
    [
      'an edit of equal length with its old time put back',
      ['jvm.config'],
      async (dir) => {
        const path = join(dir, 'jvm.config');
        const { atime, mtime } = await stat(path);
        await writeFile(path, '-Xmx9g\n');
        await utimes(path, atime, mtime);
      },
    ],
    ['a file deleted', ['datomic/orders.edn'], (dir) => unlink(join(dir, 'datomic/orders.edn'))],
    [
      'a catalog that the release does not have',
      ['catalog/extra.properties'],
      (dir) => writeFile(join(dir, 'catalog/extra.properties'), 'connector.name=datomic\n'),
    ],
    ['a metaschema too many', ['datomic/a.edn'], (dir) => writeFile(join(dir, 'datomic/a.edn'), '{}')],
    [
      'a link in the place of a file, though its target has the right bytes',
      ['catalog/orders.properties'],
      async (dir) => {
        await writeFile(join(dir, 'copy'), 'connector.name=datomic\n');
        await unlink(join(dir, 'catalog/orders.properties'));
        await symlink('../copy', join(dir, 'catalog/orders.properties'));
      },
    ],
    [
      'an empty directory in the place of a file',
      ['datomic/orders.edn'],
      async (dir) => {
        await unlink(join(dir, 'datomic/orders.edn'));
        await mkdir(join(dir, 'datomic/orders.edn'));
      },
    ],
    [
      'a directory with files in the place of a file',
      ['config.properties'],
      async (dir) => {
        await unlink(join(dir, 'config.properties'));
        await mkdir(join(dir, 'config.properties'));
        await writeFile(join(dir, 'config.properties/precious'), 'x');
      },
    ],
    [
      'a link in the place of a directory',
      ['catalog/orders.properties', 'catalog/stock.properties', 'catalog'],
      async (dir) => {
        await mkdir(join(dir, 'elsewhere'));
        await writeFile(join(dir, 'elsewhere/orders.properties'), 'connector.name=datomic\n');
        await rm(join(dir, 'catalog'), { recursive: true });
        await symlink('elsewhere', join(dir, 'catalog'));
      },
    ],
    [
      'a file in the place of a directory',
      ['datomic/orders.edn', 'datomic'],
      async (dir) => {
        await rm(join(dir, 'datomic'), { recursive: true });
        await writeFile(join(dir, 'datomic'), 'x');
      },
    ],
    [
      'a catalog that everyone may read',
      ['catalog/stock.properties'],
      (dir) => chmod(join(dir, 'catalog/stock.properties'), 0o644),
    ],
    [
      'a dangling link with the name of a catalog',
      ['catalog/gone.properties'],
      (dir) => symlink('nowhere', join(dir, 'catalog/gone.properties')),
    ],
  ];

  test.each(drifts)('%s', async (_, paths, spoil) => {
    const { dir, etc } = await bringOne();
    await etc.compare(RELEASE);
    await spoil(dir);
    expect((await etc.compare(RELEASE)).toSorted()).toEqual(paths.toSorted());
    expect((await etc.bring(RELEASE)).toSorted()).toEqual(paths.toSorted());
    expect(await etc.compare(RELEASE)).toEqual([]);
    expect(await readAll(dir)).toEqual(WANTED);
  });
});

test('what a link pointed at is untouched when the link is replaced', async () => {
  const { dir, etc } = await bringOne();
  await mkdir(join(dir, 'elsewhere'));
  await writeFile(join(dir, 'elsewhere/stock.properties'), 'mine');
  await rm(join(dir, 'catalog'), { recursive: true });
  await symlink('elsewhere', join(dir, 'catalog'));
  await etc.bring(RELEASE);
  expect(await readdir(join(dir, 'elsewhere'))).toEqual(['stock.properties']);
  expect(await readFile(join(dir, 'elsewhere/stock.properties'), 'utf8')).toBe('mine');
});

test('a directory with files that stands in the way is moved aside, not deleted', async () => {
  const { dir, etc } = await bringOne();
  await unlink(join(dir, 'jvm.config'));
  await mkdir(join(dir, 'jvm.config'));
  await writeFile(join(dir, 'jvm.config/precious'), 'x');
  await etc.bring(RELEASE);
  const aside = (await readdir(dir)).find((name) => name.startsWith('.set-aside-jvm.config-'));
  expect(await readFile(join(dir, aside ?? 'none', 'precious'), 'utf8')).toBe('x');
});

test('a link to a directory of metaschemas is drift even where the release has none', async () => {
  const dir = await makeScratch();
  const etc = createLiveEtc({ dir, sha256 });
  const bare = layOut({ ...ENGINE_TEXTS });
  await etc.bring(bare);
  await symlink('/tmp', join(dir, 'datomic'));
  expect(await etc.compare(bare)).toEqual(['datomic']);
  await etc.bring(bare);
  expect(await etc.compare(bare)).toEqual([]);
});

test('what is not managed is neither reported nor touched', async () => {
  const { dir, etc } = await bringOne();
  const foreign = [
    'log.properties',
    'catalog/notes.txt',
    'datomic/.#orders.edn',
    'catalog/.x.properties.swp',
  ];
  for (const path of foreign) await writeFile(join(dir, path), 'mine');
  await mkdir(join(dir, 'datomic/views'));
  expect(await etc.compare(RELEASE)).toEqual([]);
  await etc.bring(RELEASE);
  for (const path of foreign) expect(await readFile(join(dir, path), 'utf8')).toBe('mine');
});

test('a file that is in line keeps its inode, one that is not gets a new one', async () => {
  const { dir, etc } = await bringOne();
  const inodes = async () => Promise.all(ALL.map(async (path) => (await stat(join(dir, path))).ino));
  const before = await inodes();
  const next = layOut({ ...WANTED, 'datomic/orders.edn': '{:tables {:order/id {} :line/id {}}}' });
  expect(await etc.bring(next)).toEqual(['datomic/orders.edn']);
  const after = await inodes();
  expect(ALL.filter((_, index) => before[index] !== after[index])).toEqual(['datomic/orders.edn']);
});

test('files are for owner and group only, whatever the umask, and the group bit of directories is inherited', async () => {
  const dir = await makeScratch();
  await chmod(dir, 0o2750);
  const previous = process.umask(0o077);
  try {
    await createLiveEtc({ dir, sha256 }).bring(RELEASE);
  } finally {
    process.umask(previous);
  }
  for (const path of ALL) expect((await stat(join(dir, path))).mode & 0o777).toBe(0o640);
  expect((await stat(join(dir, 'catalog'))).mode & 0o2000).toBe(0o2000);
});

test('leftovers of a killed publish are swept', async () => {
  const { dir, etc } = await bringOne();
  await writeFile(join(dir, 'catalog/.orders.properties.4711-0123456789ab.partial'), 'half');
  await etc.bring(RELEASE);
  expect((await readdir(join(dir, 'catalog'))).toSorted()).toEqual(['orders.properties', 'stock.properties']);
});

test.each(['ENOSPC', 'EROFS', 'EIO', 'EACCES'])(
  'a disk that answers %s in the middle is reported, nothing half is live, and the next try finishes',
  async (errno) => {
    const { dir } = await bringOne();
    const next = layOut({ ...WANTED, 'catalog/stock.properties': 'connector.name=datomic\n# more\n' });
    const failing = createLiveEtc({
      dir,
      sha256,
      operations: createFailingOperations('writeNew', errno, (path) => path.includes('stock')),
    });
    await expect(failing.bring(next)).rejects.toMatchObject({ code: 'PUBLISH_FAILED', fields: { errno } });
    expect(await readAll(dir)).toEqual(WANTED);
    expect((await readdir(join(dir, 'catalog'))).toSorted()).toEqual([
      'orders.properties',
      'stock.properties',
    ]);
    expect(await createLiveEtc({ dir, sha256 }).bring(next)).toEqual(['catalog/stock.properties']);
  },
);

test('a file found in line is not read again until it changes', async () => {
  const { dir } = await bringOne();
  let hashed = 0;
  const counting = createLiveEtc({
    dir,
    sha256: (content) => {
      hashed += 1;
      return sha256(content);
    },
  });
  // Long enough after the change that its time stamp says something.
  await expect
    .poll(async () => Date.now() - (await lstat(join(dir, 'jvm.config'))).ctimeMs, { timeout: 5_000 })
    .toBeGreaterThan(1_100);
  await counting.compare(RELEASE);
  const first = hashed;
  await counting.compare(RELEASE);
  expect(hashed).toBe(first);
  await writeFile(join(dir, 'jvm.config'), '-Xmx3g\n');
  expect(await counting.compare(RELEASE)).toEqual(['jvm.config']);
  expect(hashed).toBe(first + 1);
});
