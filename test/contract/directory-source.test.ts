import { chmod, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDirectoryConfigSource } from '../../agent/adapters/directory-source.ts';
import { classifyPath } from '../../agent/core/source/path.ts';
import type { ConfigSource } from '../../agent/ports.ts';

const never = () => new AbortController().signal;
/** Far more than the kernel takes to tell of a change. */
const PATIENCE = { timeout: 10_000, interval: 10 };

let top: string;
let root: string;
let source: ConfigSource;

const createSource = (directory: string) =>
  createDirectoryConfigSource({ uri: pathToFileURL(directory).href, group: 'acme' });
const write = (name: string, content: string) => writeFile(path.join(root, name), content);
const find = async (name: string) => {
  const found = (await source.list(never())).find((object) => object.path === name);
  if (found === undefined) throw new Error(`${name} is not listed`);
  return found;
};

beforeEach(async () => {
  top = await mkdtemp(path.join(os.tmpdir(), 'gateway-directory-'));
  root = path.join(top, 'etc');
  await mkdir(path.join(root, 'catalog'), { recursive: true });
  await mkdir(path.join(root, 'datomic'));
  source = createSource(root);
});

afterEach(() => rm(top, { recursive: true }));

describe('files of a directory', () => {
  test('a linked file and a linked directory are foreign, and nothing behind them is listed', async () => {
    await mkdir(path.join(top, 'elsewhere'));
    await writeFile(path.join(top, 'elsewhere', 'secret.properties'), 'password=x');
    await symlink(
      path.join(top, 'elsewhere', 'secret.properties'),
      path.join(root, 'catalog', 'a.properties'),
    );
    await symlink(path.join(top, 'elsewhere'), path.join(root, 'datomic', 'views'));
    const paths = (await source.list(never())).map((object) => object.path).sort();
    expect(paths).toEqual(['catalog/a.properties (a symbolic link)', 'datomic/views (a symbolic link)']);
    for (const name of paths) expect(classifyPath(name).kind).toBe('foreign');
  });

  test('a file that became a link since the listing is not read', async () => {
    await write('catalog/a.properties', 'x');
    const listed = await find('catalog/a.properties');
    await writeFile(path.join(top, 'secret'), 'x');
    await rm(path.join(root, 'catalog/a.properties'));
    await symlink(path.join(top, 'secret'), path.join(root, 'catalog/a.properties'));
    expect(await source.read(listed, never())).toBeNull();
  });

  test('a directory that was swapped for a link to another is not read through', async () => {
    await write('catalog/a.properties', 'x');
    const listed = await find('catalog/a.properties');
    await mkdir(path.join(top, 'elsewhere'));
    await writeFile(path.join(top, 'elsewhere', 'a.properties'), 'x');
    await rename(path.join(root, 'catalog'), path.join(top, 'old'));
    await symlink(path.join(top, 'elsewhere'), path.join(root, 'catalog'));
    expect(await source.read(listed, never())).toBeNull();
  });

  test('a change in place that restores the time of modification is seen', async () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const file = path.join(root, 'datomic/a.edn');
    await write('datomic/a.edn', '{:a 1}');
    await utimes(file, at, at);
    const listed = await find('datomic/a.edn');
    await write('datomic/a.edn', '{:a 2}');
    await utimes(file, at, at);
    expect((await find('datomic/a.edn')).tag).not.toBe(listed.tag);
    expect(await source.read(listed, never())).toBeNull();
  });

  test('a directory that vanished is missing, and its manifest too', async () => {
    await rename(root, path.join(top, 'away'));
    await expect(source.list(never())).rejects.toMatchObject({ code: 'SOURCE_MISSING', fields: { root } });
    await expect(source.readManifest('acme', null, never())).rejects.toMatchObject({
      code: 'SOURCE_MISSING',
    });
  });

  test('a file in the place of the directory is missing too', async () => {
    await writeFile(path.join(top, 'file'), 'x');
    await expect(createSource(path.join(top, 'file')).list(never())).rejects.toMatchObject({
      code: 'SOURCE_MISSING',
    });
  });

  test('a directory that may not be read is denied', async () => {
    await chmod(path.join(root, 'catalog'), 0o000);
    const outcome = await source.list(never()).then(
      () => 'listed',
      (error: { code: string }) => error.code,
    );
    await chmod(path.join(root, 'catalog'), 0o755);
    // Nothing is denied to root.
    expect(outcome).toBe(process.getuid?.() === 0 ? 'listed' : 'SOURCE_DENIED');
  });

  test('a huge manifest is not read, and not taken for absent', async () => {
    await writeFile(path.join(root, 'manifest.json'), Buffer.alloc(2 * 1024 * 1024, 'x'));
    expect(await source.readManifest('acme', null, never())).toMatchObject({
      kind: 'found',
      bytes: new Uint8Array(),
    });
  });

  test.each(['file://host/etc', 'etc', 's3://bucket'])('%s is no directory source', (uri) => {
    expect(() => createDirectoryConfigSource({ uri, group: 'acme' })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_INVALID' }),
    );
  });
});

describe('events of a directory', () => {
  let events = 0;
  let watcher: { close(): Promise<void> } | null = null;

  const open = async () => {
    events = 0;
    watcher = await source.watch(() => {
      events += 1;
    });
  };
  /** The event that tells of the watch's own beginning has been had. */
  const openQuietly = async () => {
    await open();
    await vi.waitFor(() => expect(events).toBeGreaterThan(0), PATIENCE);
    events = 0;
  };
  const expectEvent = () => vi.waitFor(() => expect(events).toBeGreaterThan(0), PATIENCE);

  afterEach(async () => {
    await watcher?.close();
    watcher = null;
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a new file', () => write('datomic/a.edn', '{}')],
    ['a new directory', () => mkdir(path.join(root, 'other'))],
    ['a manifest', () => write('manifest.json', '{}')],
  ])('%s is told of', async (_title, change) => {
    await openQuietly();
    await change();
    await expectEvent();
  });

  test('a file replaced by rename, changed again in place, then deleted, is told of each time', async () => {
    await write('datomic/a.edn', '1');
    await openQuietly();
    await writeFile(path.join(top, 'new'), '2');
    await rename(path.join(top, 'new'), path.join(root, 'datomic/a.edn'));
    await expectEvent();
    await vi.waitFor(async () => {
      events = 0;
      await write('datomic/a.edn', `${performance.now()}`);
      await expectEvent();
    }, PATIENCE);
    events = 0;
    await rm(path.join(root, 'datomic/a.edn'));
    await expectEvent();
  });

  test('a directory that is made only later is watched from the next listing on', async () => {
    await rename(root, path.join(top, 'away'));
    await open();
    await mkdir(path.join(root, 'datomic'), { recursive: true });
    await source.list(never());
    await expectEvent();
    events = 0;
    await write('datomic/a.edn', '{}');
    await expectEvent();
  });

  test('a directory that was replaced by another is watched from the next listing on', async () => {
    await openQuietly();
    // Deleted, so that the new one may get its number.
    await rm(root, { recursive: true });
    await mkdir(path.join(root, 'datomic'), { recursive: true });
    await vi.waitFor(() => expect(events).toBeGreaterThan(0), PATIENCE);
    await source.list(never());
    await vi.waitFor(async () => {
      events = 0;
      await write('datomic/a.edn', `${performance.now()}`);
      await expectEvent();
    }, PATIENCE);
  });

  test('a burst of a hundred changes is told of a few times only', async () => {
    await openQuietly();
    for (let index = 0; index < 100; index += 1) await write(`datomic/m${index}.edn`, '{}');
    await expectEvent();
    expect(events).toBeLessThan(20);
  });
});
