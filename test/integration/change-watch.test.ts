import { chmod, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createChangeWatch } from '../../agent/adapters/change-watch.ts';
import { createLiveEtc } from '../../agent/adapters/live-etc.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { ENGINE_TEXTS, layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

async function watchOne() {
  const root = await makeScratch();
  const etc = join(root, 'etc');
  await mkdir(join(etc, 'catalog'), { recursive: true });
  await writeFile(join(etc, 'catalog/a.properties'), 'one\n');
  let now = 0;
  const directories = [etc, join(etc, 'catalog'), join(etc, 'datomic')];
  const watch = createChangeWatch({ directories, now: () => now });
  const pass = (ms: number) => {
    now += ms;
  };
  return { root, etc, watch, pass };
}

describe('a change is told at once', () => {
  const changes: readonly [string, (etc: string) => Promise<void>][] = [
    ['a file written in place', (etc) => writeFile(join(etc, 'catalog/a.properties'), 'two\n')],
    ['a new file', (etc) => writeFile(join(etc, 'catalog/b.properties'), 'two\n')],
    ['a file that is gone', (etc) => rm(join(etc, 'catalog/a.properties'))],
    ['other rights', (etc) => chmod(join(etc, 'catalog/a.properties'), 0o604)],
    ['a directory that comes', (etc) => mkdir(join(etc, 'datomic'))],
    ['a directory that was moved away', (etc) => rename(join(etc, 'catalog'), join(etc, 'old'))],
    ['all of it gone', (etc) => rm(etc, { recursive: true })],
  ];

  test.each(changes)('%s', async (_, change) => {
    const { etc, watch } = await watchOne();
    watch.begin();
    expect(await watch.isUnchanged()).toBe(true);
    await change(etc);
    expect(await watch.isUnchanged()).toBe(false);
  });

  test('also in a directory that came after the first look', async () => {
    const { etc, watch } = await watchOne();
    watch.begin();
    await mkdir(join(etc, 'datomic'));
    expect(await watch.isUnchanged()).toBe(false);
    watch.begin();
    expect(await watch.isUnchanged()).toBe(true);
    await writeFile(join(etc, 'datomic/a.edn'), '{}');
    expect(await watch.isUnchanged()).toBe(false);
  });
});

test('before the first look nothing is known, and five minutes after it no more', async () => {
  const { watch, pass } = await watchOne();
  expect(await watch.isUnchanged()).toBe(false);
  watch.begin();
  pass(300_000);
  expect(await watch.isUnchanged()).toBe(true);
  pass(1);
  expect(await watch.isUnchanged()).toBe(false);
});

test('where a directory cannot be watched nothing is known', async () => {
  const { root } = await watchOne();
  await writeFile(join(root, 'file'), '');
  const watch = createChangeWatch({ directories: [root, join(root, 'file/below')] });
  watch.begin();
  watch.begin();
  expect(await watch.isUnchanged()).toBe(false);
});

test('a live etc in line is not looked at again before something is told', async () => {
  const root = await makeScratch();
  const dir = join(root, 'etc');
  const release = layOut({ ...ENGINE_TEXTS, 'catalog/a.properties': 'connector.name=datomic\n' });
  const etc = createLiveEtc({ dir, sha256 });
  await etc.bring(release);
  await link(join(dir, 'catalog/a.properties'), join(root, 'other-name'));
  expect(await etc.compare(release)).toEqual([]);
  // Through another name the kernel does not tell: the look of every five minutes finds it, this one is not made.
  await writeFile(join(root, 'other-name'), 'connector.name=jdbc\n');
  expect(await etc.compare(release)).toEqual([]);
  await writeFile(join(dir, 'catalog/b.properties'), '');
  expect(await etc.compare(release)).toEqual(['catalog/a.properties', 'catalog/b.properties']);
});
