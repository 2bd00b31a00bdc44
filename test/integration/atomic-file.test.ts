import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partialPathOf, sweepPartials, writeFileAtomically } from '../../agent/adapters/atomic-file.ts';
import { createFailingOperations } from '../fakes/failing-operations.ts';
import { makeScratch } from '../support/scratch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a file is replaced whole, with the mode that was asked for', async () => {
  const dir = await makeScratch();
  const path = join(dir, 'a');
  await writeFileAtomically({ path, bytes: bytes('one'), mode: 0o600 });
  await writeFileAtomically({ path, bytes: bytes('two'), mode: 0o640 });
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readdir(dir)).toEqual(['a']);
});

test.each(['writeNew', 'rename'] as const)(
  'when %s fails, the old file stays and nothing lies beside it',
  async (step) => {
    const dir = await makeScratch();
    const path = join(dir, 'a');
    await writeFile(path, 'old');
    const operations = createFailingOperations(step, 'ENOSPC');
    const writing = writeFileAtomically({ path, bytes: bytes('new'), mode: 0o640, operations });
    await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(dir)).toEqual(['a']);
  },
);

test('many at once for one path leave one of them, whole', async () => {
  const dir = await makeScratch();
  const path = join(dir, 'a');
  const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomically({ path, bytes: bytes(text), mode: 0o640 })));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(dir)).toEqual(['a']);
});

test('a temporary name is hidden, lies beside its file, and is never used twice', () => {
  const names = Array.from({ length: 100 }, () => partialPathOf('/x/a.edn'));
  expect(new Set(names).size).toBe(100);
  for (const name of names) expect(name).toMatch(/^\/x\/\.a\.edn\.\d+-[0-9a-f]{12}\.partial$/);
});

describe('sweeping', () => {
  const own = basename(partialPathOf('/x/a'));
  const other = basename(partialPathOf('/x/b'));
  const foreign = ['a.partial', '.a.partial', '.a.1-xyz.partial', '.a.swp', 'a'];

  test('takes leftovers and nothing else', async () => {
    const dir = await makeScratch();
    for (const name of [own, other, ...foreign]) await writeFile(join(dir, name), 'x');
    expect((await sweepPartials(dir)).toSorted()).toEqual([own, other].toSorted());
    expect((await readdir(dir)).toSorted()).toEqual(foreign.toSorted());
  });

  test('of one name leaves those of another alone: somebody may be writing it right now', async () => {
    const dir = await makeScratch();
    for (const name of [own, other]) await writeFile(join(dir, name), 'x');
    expect(await sweepPartials(dir, { of: 'a' })).toEqual([own]);
    expect(await readdir(dir)).toEqual([other]);
  });

  test('where there is no directory there is no leftover', async () => {
    expect(await sweepPartials(join(await makeScratch(), 'none'))).toEqual([]);
  });
});
