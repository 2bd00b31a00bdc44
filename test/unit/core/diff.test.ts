import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffTexts, type Hunk } from '../../../agent/core/diff.ts';

const MARKS = { same: ' ', removed: '-', added: '+' } as const;

function print(hunks: readonly Hunk[]): string {
  return hunks
    .flatMap(({ header, lines }) => [header, ...lines.map(({ kind, text }) => MARKS[kind] + text)])
    .map((line) => `${line}\n`)
    .join('');
}

describe('a difference of two texts', () => {
  it.each([
    ['nothing differs', 'a\nb\n', 'a\nb\n', ''],
    ['a line is added to nothing', '', 'a\n', '@@ -0,0 +1 @@\n+a\n'],
    ['the only line is removed', 'a\n', '', '@@ -1 +0,0 @@\n-a\n'],
    ['a line is changed', 'a\nb\nc\n', 'a\nx\nc\n', '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n'],
    ['the last line end is lost', 'a\n', 'a', '@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n'],
    [
      'two changes are far apart',
      '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
      'x\n2\n3\n4\n5\n6\n7\n8\ny\n',
      '@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n',
    ],
  ])('when %s', (_, before, after, expected) => {
    expect(print(diffTexts(before, after))).toBe(expected);
  });

  it('with too many changes is a replacement', () => {
    const before = Array.from({ length: 2_000 }, (_, index) => `a${index}\n`).join('');
    const after = Array.from({ length: 2_000 }, (_, index) => `b${index}\n`).join('');
    const [hunk] = diffTexts(before, after);
    expect(hunk?.lines.map(({ kind }) => kind)).toEqual([
      ...Array<string>(2_000).fill('removed'),
      ...Array<string>(2_000).fill('added'),
    ]);
  });
});

describe('any difference', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));

  it('turns one text into the other with the fewest lines', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changed = diffTexts(before, after).flatMap(({ lines }) =>
          lines.filter(({ kind }) => kind !== 'same'),
        );
        const [from, to] = [before, after].map((one) => one.split('\n').slice(0, -1)) as [string[], string[]];
        expect(changed.length).toBe(from.length + to.length - 2 * longestCommon(from, to));
        expect(apply(before, diffTexts(before, after))).toBe(after);
      }),
      { numRuns: 500 },
    );
  });
});

/** Takes the hunks at their word: line numbers and contexts must fit. */
function apply(before: string, hunks: readonly Hunk[]): string {
  const from = before.split('\n').slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const { header, lines } of hunks) {
    const [, line = '0', count = '1'] = /^@@ -(\d+)(?:,(\d+))? /.exec(header) ?? [];
    const start = count === '0' ? Number(line) : Number(line) - 1;
    result.push(...from.slice(at, start));
    at = start;
    for (const { kind, text } of lines) {
      if (kind !== 'added') expect(from[at++]).toBe(text);
      if (kind !== 'removed') result.push(text);
    }
  }
  return [...result, ...from.slice(at)].map((text) => `${text}\n`).join('');
}

function longestCommon(from: readonly string[], to: readonly string[]): number {
  let row = Array<number>(to.length + 1).fill(0);
  for (const left of from) {
    const next = [0];
    for (const [index, right] of to.entries()) {
      next.push(left === right ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
