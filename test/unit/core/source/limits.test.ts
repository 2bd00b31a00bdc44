import { expect, test } from 'vitest';
import { checkLimits } from '../../../../agent/core/source/limits.ts';

const LIMITS = { fileSizeBytes: 1_000, files: 5, totalBytes: 2_500 };
const files = (...sizes: number[]) => sizes.map((size, index) => ({ path: `datomic/f${index}.edn`, size }));

test.each<[title: string, sizes: number[], codes: string[]]>([
  ['nothing', [], []],
  ['a file of exactly the limit', [1_000], []],
  ['a file one byte over', [1_001], ['SOURCE_FILE_TOO_LARGE']],
  ['two files over', [1_001, 5, 1_002], ['SOURCE_FILE_TOO_LARGE', 'SOURCE_FILE_TOO_LARGE']],
  ['as many files as the limit', [1, 1, 1, 1, 1], []],
  ['one file more', [1, 1, 1, 1, 1, 1], ['SOURCE_TOO_MANY_FILES']],
  ['all together exactly the limit', [1_000, 1_000, 500], []],
  ['all together one byte over', [1_000, 1_000, 501], ['SOURCE_TOTAL_TOO_LARGE']],
  [
    'everything at once',
    [3_000, 1, 1, 1, 1, 1],
    ['SOURCE_FILE_TOO_LARGE', 'SOURCE_TOO_MANY_FILES', 'SOURCE_TOTAL_TOO_LARGE'],
  ],
])('limits: %s', (_title, sizes, codes) => {
  const issues = checkLimits(files(...sizes), LIMITS);
  expect(issues.map(({ code }) => code)).toEqual(codes);
  expect(issues.every(({ severity }) => severity === 'error')).toBe(true);
});

test('an issue names the file, what it has and what is accepted', () => {
  const [issue] = checkLimits(files(7, 4_711), { ...LIMITS, totalBytes: 1e9 });
  expect(issue).toMatchObject({ path: 'datomic/f1.edn', line: 0 });
  expect(issue?.message).toContain('4711');
  expect(issue?.message).toContain('1000');
  expect(issue?.hint).toContain('source.limits.fileSize');
});

test('ten thousand files over the limit make a list that a person can read', () => {
  const issues = checkLimits(files(...Array.from({ length: 10_000 }, () => 2_000)), LIMITS);
  expect(issues.length).toBeLessThan(30);
  expect(issues.map(({ message }) => message).join('\n')).toContain('9980 more');
});
