import { appendFile, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { createHistoryFile, readHistory } from '../../agent/adapters/history-file.ts';
import type { HistoryEntry } from '../../agent/core/history.ts';
import { makeScratch } from '../support/scratch.ts';

let dir: string;
let path: string;

beforeEach(async () => {
  dir = await makeScratch();
  path = join(dir, 'history.jsonl');
});

const entry = (why: string): HistoryEntry => ({
  at: '2026-01-01T00:00:00.000Z',
  what: 'published',
  why,
  digest: 'abc',
  by: null,
});
const reasons = async (limit = 1_000) => (await readHistory(path, limit)).map(({ why }) => why);

it('without a file there is no history', async () => {
  expect(await reasons()).toEqual([]);
});

it('what is appended is read back, the newest last', async () => {
  const history = createHistoryFile({ path });
  for (const why of ['one', 'two', 'three']) await history.append(entry(why));
  expect(await readHistory(path, 2)).toEqual([entry('two'), entry('three')]);
});

it('a last line that a kill cut off costs itself alone', async () => {
  await createHistoryFile({ path }).append(entry('one'));
  await appendFile(path, '{"at":"2026-01-01T0');
  expect(await reasons()).toEqual(['one']);
  await createHistoryFile({ path }).append(entry('two'));
  expect(await reasons()).toEqual(['one', 'two']);
});

it('lines that are no entries are left out', async () => {
  await writeFile(path, `null\n[]\n{"at":1}\n\n${JSON.stringify(entry('good'))}\n`);
  expect(await reasons()).toEqual(['good']);
});

it('it stays within two files of its size, and the newest are there', async () => {
  const maxBytes = 2_000;
  const history = createHistoryFile({ path, maxBytes });
  for (let n = 0; n < 200; n += 1) await history.append(entry(`number ${n}`));
  expect((await stat(path)).size).toBeLessThanOrEqual(maxBytes);
  expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(maxBytes);
  const kept = await reasons();
  expect(kept.at(-1)).toBe('number 199');
  expect(kept.length).toBeGreaterThan(20);
  expect(kept.length).toBeLessThan(60);
  expect(await readHistory(path, 3)).toHaveLength(3);
});

it('an endless reason is cut', async () => {
  await createHistoryFile({ path }).append(entry('x'.repeat(100_000)));
  expect((await stat(path)).size).toBeLessThan(5_000);
});

it('a link in its place is set aside, not followed', async () => {
  const precious = join(dir, 'precious');
  await writeFile(precious, 'precious');
  await symlink(precious, path);
  await createHistoryFile({ path }).append(entry('one'));
  expect(await readFile(precious, 'utf8')).toBe('precious');
  expect(await reasons()).toEqual(['one']);
});

it('a disk that takes nothing is said', async () => {
  const history = createHistoryFile({ path: join(dir, 'absent', 'history.jsonl') });
  await expect(history.append(entry('one'))).rejects.toMatchObject({
    code: 'HISTORY_FAILED',
    fields: { errno: 'ENOENT' },
  });
  await mkdir(join(dir, 'absent'));
  await history.append(entry('two'));
  expect(await readHistory(join(dir, 'absent', 'history.jsonl'), 5)).toHaveLength(1);
});
