import { describe, expect, it, vi } from 'vitest';
import { readEdn } from '../../../../agent/core/edn/read.ts';

// Large on purpose, on machines that do other work.
vi.setConfig({ testTimeout: 60_000 });

const MEBIBYTE = 1024 * 1024;
/** Work per character that the reader may do at most. */
const MOST_STEPS = 4;

const repeat = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length));

/** Texts of any length, each hard on some part of a reader. */
const SHAPES: Readonly<Record<string, (length: number) => string>> = {
  blanks: (length) => repeat(' ', length),
  'line ends': (length) => repeat('\r\n', length),
  openers: (length) => repeat('[', length),
  'openers in an open string': (length) => `"${repeat('[', length)}`,
  closers: (length) => repeat(')', length),
  'closers that do not fit': (length) => repeat('[(', 300) + repeat('}', length),
  'one name': (length) => repeat('a', length),
  'one name of slashes': (length) => `a${repeat('/', length)}`,
  'one name of slashes and digits': (length) => `a${repeat('/1', length)}`,
  'one number': (length) => repeat('9', length),
  'one ratio': (length) => `${repeat('9', length / 2)}/${repeat('7', length / 2)}`,
  'one string of escapes': (length) => `"${repeat('\\n', length)}"`,
  'one string of bad escapes': (length) => `"${repeat('\\q', length)}"`,
  'one comment': (length) => `;${repeat(';', length)}`,
  'strings, the last one with an escape': (length) => `[${repeat('"a" ', length)} "\\n"]`,
  'strings, none with an escape': (length) => `[${repeat('"a" ', length)}]`,
  discards: (length) => repeat('#_ ', length),
  tags: (length) => repeat('#a ', length),
  metadata: (length) => repeat('^:a ', length),
  'namespace prefixes': (length) => repeat('#:a ', length),
  'small maps': (length) => `[${repeat('{:a 1 :b 2} ', length)}]`,
  'a map of equal keys': (length) => `{${repeat(':a 1 ', length)}}`,
  'nested maps as keys': (length) => `[${repeat(`${'{'.repeat(150)}1${' 1}'.repeat(150)} `, length)}]`,
  'sets of sets': (length) => `[${repeat('#{#{1 2} #{2 3} #{3 1}} ', length)}]`,
  faults: (length) => `[${repeat('::a ', length)}]`,
  backslashes: (length) => repeat('\\', length),
  NUL: (length) => repeat('\0', length),
  'bidirectional marks': (length) => repeat(':a\u202eb ', length),
};

describe('hostile text', () => {
  it.each(Object.entries(SHAPES))('of %s is read in linear steps', (_, make) => {
    const options = { forms: 'all', unknownTags: 'keep', maxDepth: 1_000 } as const;
    for (const length of [1_000, 30_000, 300_000]) {
      const text = make(length);
      const { steps } = readEdn(text, options);
      expect(steps).toBeLessThanOrEqual(MOST_STEPS * text.length + 100);
    }
  });

  it.each([
    ['one string', `"${repeat('x', 64 * MEBIBYTE)}"`, []],
    ['one name', repeat('x', 64 * MEBIBYTE), []],
    ['one number', repeat('7', 64 * MEBIBYTE), ['EDN_BAD_NUMBER']],
    ['openers', repeat('[', 64 * MEBIBYTE), ['EDN_TOO_DEEP']],
    ['one comment', `;${repeat('x', 64 * MEBIBYTE)}`, ['EDN_EMPTY']],
    ['one string that is never closed', `"${repeat('x', 64 * MEBIBYTE)}`, ['EDN_UNCLOSED_STRING']],
  ])('of 64 MiB in one line, %s, gets an answer', (_, text, codes) => {
    expect(readEdn(text).faults.map(({ code }) => code)).toEqual(codes);
  });

  it('of 64 MiB of forms is refused before it fills the memory', () => {
    const text = `[${repeat('1 ', 64 * MEBIBYTE)}]`;
    const before = process.memoryUsage().heapUsed;
    expect(readEdn(text).faults.map(({ code }) => code)).toEqual(['EDN_TOO_LARGE']);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1024 * MEBIBYTE);
  });

  it('of 100,000 levels is too deep, said at the level where it became so', () => {
    const [fault] = readEdn(repeat('[', 100_000)).faults;
    expect(fault).toMatchObject({ code: 'EDN_TOO_DEEP', line: 1, column: 201 });
    const prefixes = readEdn(repeat('#_', 100_000)).faults;
    expect(prefixes).toMatchObject([{ code: 'EDN_TOO_DEEP' }]);
  });

  it('of 100,000 keys is read, and the one that stands twice is found', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `:n${index % 317}/k${index} ${index}`);
    expect(readEdn(`{${keys.join('\n')}}`).faults).toEqual([]);
    expect(readEdn(`{${keys.join('\n')} :n0/k0 1}`).faults).toMatchObject([
      { code: 'EDN_DUPLICATE_KEY', line: 100_000 },
    ]);
  });

  it('of very many faults is left after a hundred', () => {
    const { faults } = readEdn(`[${repeat('::a ', 1_000_000)}]`);
    expect(faults.length).toBe(101);
    expect(faults.at(-1)?.code).toBe('EDN_TOO_MANY_FAULTS');
  });
});
