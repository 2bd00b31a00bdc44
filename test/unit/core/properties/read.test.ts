import { describe, expect, it } from 'vitest';
import { readEntries } from '../../../../agent/core/properties/entries.ts';
import { readProperties } from '../../../../agent/core/properties/read.ts';

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const pairs = (text: string) => readProperties(bytesOf(text)).entries.map(({ key, value }) => [key, value]);

/** File and its entries, as `java.util.Properties` reads them; see test/e2e/readers. */
const FILES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['', []],
  ['\n \t\f\n\r\n', []],
  ['# c\n! c\n  # c\na=1', [['a', '1']]],
  [
    'a=1\rb=2\r\nc=3\nd=4',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
    ],
  ],
  ['a = 1 ', [['a', '1 ']]],
  [
    'a:1\nb : 2\nc 3\nd\t4\ne\f5',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', '5'],
    ],
  ],
  [
    'a==1\nb=:2\nc =:= 3\nd : = 4',
    [
      ['a', '=1'],
      ['b', ':2'],
      ['c', ':= 3'],
      ['d', '= 4'],
    ],
  ],
  [
    'a\nb=\n=c\n:\n',
    [
      ['a', ''],
      ['b', ''],
      ['', 'c'],
      ['', ''],
    ],
  ],
  [
    'a\\=b=1\na\\:b=2\na\\ b=3\na\\\\=4',
    [
      ['a=b', '1'],
      ['a:b', '2'],
      ['a b', '3'],
      ['a\\', '4'],
    ],
  ],
  ['a=1\\\n   2\\\r\n\t3\\\r4', [['a', '1234']]],
  [
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  [
    'a=1\\\n\nb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a=1\\\n# no comment', [['a', '1# no comment']]],
  ['\\\n# a comment\na=1', [['a', '1']]],
  ['\\\n  a=1', [['a', '1']]],
  ['# a comment \\\na=1', [['a', '1']]],
  ['a\\\n=\\\n1', [['a', '1']]],
  ['a=\\u0041\\u00e9\\uD83D', [['a', 'Aé\ud83d']]],
  ['\\u0061=\\t\\n\\r\\f\\q\\0\\U', [['a', '\t\n\r\fq0U']]],
  ['a=\\u00\\\n  41', [['a', 'A']]],
  ['a=1\\', [['a', '1']]],
  ['a=1\\\n', [['a', '1']]],
  ['a=1\\\n   ', [['a', '1']]],
  ['\\', [['', '']]],
  ['\\\n', [['', '']]],
  ['\\\r\n', []],
  ['a=\xfc\x85\xa0', [['a', 'ü\u0085\u00a0']]],
  ['\xef\xbb\xbfa=1', [['ï»¿a', '1']]],
  ['a=\0b', [['a', '\0b']]],
  [
    'a=1\na=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['datomic.databases[teet]', [['datomic.databases[teet]', '']]],
  ['datomic.client.config={:a "b=c:d"}', [['datomic.client.config', '{:a "b=c:d"}']]],
];

describe('a properties file', () => {
  it.each(FILES)('%j holds what Java finds in it', (text, entries) => {
    expect(pairs(text)).toEqual(entries);
    expect(
      readProperties(bytesOf(text)).faults.filter(({ code }) => code !== 'PROPERTIES_DUPLICATE_KEY'),
    ).toEqual([]);
  });

  it.each([
    ['a=\\u004', 1, 3],
    ['a=x\\u', 1, 4],
    ['b=1\n  \\u00g1=2', 2, 3],
  ])('%j is refused by Java for its escape', (text, line, column) => {
    const { faults } = readProperties(bytesOf(text));
    expect(faults).toMatchObject([{ code: 'PROPERTIES_BAD_ESCAPE', line, column }]);
  });

  it('knows where keys and values begin, and what parts them', () => {
    const text = '# c\n  a = 1\nb:2\nc 3\r\nd\ne=\\\n   5\n';
    const { entries } = readProperties(bytesOf(text));
    const places = entries.map((entry) => [
      entry.key,
      entry.line,
      entry.column,
      entry.separator,
      entry.valueLine,
      entry.valueColumn,
      entry.lastLine,
    ]);
    expect(places).toEqual([
      ['a', 2, 3, '=', 2, 7, 2],
      ['b', 3, 1, ':', 3, 3, 3],
      ['c', 4, 1, ' ', 4, 3, 4],
      ['d', 5, 1, null, 5, 2, 5],
      ['e', 6, 1, '=', 7, 4, 7],
    ]);
  });

  it('finds a character of a value again through escapes and continued lines', () => {
    const [entry] = readProperties(bytesOf('a=x\\u0041\\ty\\\n   z')).entries;
    expect(entry?.value).toBe('xA\tyz');
    const places = [0, 1, 2, 3, 4].map((index) => entry?.locateInValue(index));
    expect(places.map((place) => [place?.line, place?.column])).toEqual([
      [1, 3],
      [1, 4],
      [1, 10],
      [1, 12],
      [2, 4],
    ]);
  });

  it('names a key that stands twice, and gives the last value', () => {
    const bytes = bytesOf('a=1\nb=2\na=3\n');
    expect(readProperties(bytes).faults).toMatchObject([
      { code: 'PROPERTIES_DUPLICATE_KEY', line: 3, column: 1, message: expect.stringContaining('line 1') },
    ]);
    expect(readEntries(bytes).get('a')).toBe('3');
  });

  it('quotes neither a value nor a key that may be a torn line of secrets', () => {
    const text = 'password=hunter2\npassword=\\u00hunter2\n"hunter2"=1\n"hunter2"=2\n';
    const { faults } = readProperties(bytesOf(text));
    expect(faults.length).toBe(3);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });
});

const MEBIBYTE = 1024 * 1024;

describe('a hostile properties file', () => {
  it.each([
    ['blanks', ' '],
    ['line ends', '\r\n'],
    ['continued lines', 'a\\\n'],
    ['backslashes', '\\'],
    ['bad escapes', '\\u00\n'],
    ['equal keys', 'a=1\n'],
    ['comments', '#x\n'],
    ['signs', '='],
    ['NUL', '\0'],
  ])('of %s is read in linear steps', (_, piece) => {
    for (const length of [1_000, 30_000, 1_000_000]) {
      const { steps } = readProperties(bytesOf(piece.repeat(length / piece.length)));
      expect(steps).toBeLessThanOrEqual(4 * length + 100);
    }
  });

  it('of 64 MiB in one line is read without copies of it', () => {
    const bytes = new Uint8Array(64 * MEBIBYTE).fill(0x61);
    bytes[1] = 0x3d;
    const { entries } = readProperties(bytes);
    expect(entries.length).toBe(1);
    expect(entries[0]?.value.length).toBe(64 * MEBIBYTE - 2);
  }, 60_000);

  it('of 100,000 keys is read', () => {
    const text = Array.from({ length: 100_000 }, (_, index) => `k${index}=${index}\n`).join('');
    const { entries, faults } = readProperties(bytesOf(text));
    expect([entries.length, faults.length, entries.at(-1)?.line]).toEqual([100_000, 0, 100_000]);
  }, 60_000);
});
