import { describe, expect, it } from 'vitest';
import type { EdnOptions } from '../../../../agent/core/edn/read.ts';
import { readEdn } from '../../../../agent/core/edn/read.ts';

const list = (document: string, options: EdnOptions = {}) =>
  readEdn(document, options).faults.map(({ code, line, column }) => `${code} ${line}:${column}`);

/** Document and the findings in it. All of these Clojure refuses, but for trailing and empty ones. */
const REFUSED: readonly (readonly [string, ...string[]])[] = [
  ['', 'EDN_EMPTY 1:1'],
  [' ; only a comment\n', 'EDN_EMPTY 2:1'],
  ['#_ {}', 'EDN_EMPTY 1:6'],
  ['{} {}', 'EDN_TRAILING 1:4'],
  ['{:a 1} :joins {}', 'EDN_TRAILING 1:8'],
  ['{:a 1', 'EDN_UNBALANCED 1:1'],
  ['{:a 1}}', 'EDN_UNBALANCED 1:7'],
  [')', 'EDN_UNBALANCED 1:1'],
  ['[1 2}', 'EDN_UNBALANCED 1:5'],
  ['{:a [1 2} :b 3}', 'EDN_UNBALANCED 1:9'],
  ['{:a "b}', 'EDN_UNCLOSED_STRING 1:5'],
  ['"a\\"', 'EDN_UNCLOSED_STRING 1:1'],
  ['{:a 1 :b}', 'EDN_ODD_MAP 1:7'],
  ['#:a{:b}', 'EDN_ODD_MAP 1:5'],
  ['{:a 1 :a 2}', 'EDN_DUPLICATE_KEY 1:7'],
  ['{:a 1 :b 2 :a 3 :b 4}', 'EDN_DUPLICATE_KEY 1:12', 'EDN_DUPLICATE_KEY 1:17'],
  ['#:a{:b 1 :a/b 2}', 'EDN_DUPLICATE_KEY 1:10'],
  ['{1 :a 1N :b}', 'EDN_DUPLICATE_KEY 1:7'],
  ['{[1] :a (1) :b}', 'EDN_DUPLICATE_KEY 1:9'],
  ['{1.0M 1 1.00M 2}', 'EDN_DUPLICATE_KEY 1:9'],
  ['{0.0 1 -0.0 2}', 'EDN_DUPLICATE_KEY 1:8'],
  ['{##NaN 1 ##NaN 2}', 'EDN_DUPLICATE_KEY 1:10'],
  ['{{:a 1 :b 2} 1 {:b 2 :a 1} 2}', 'EDN_DUPLICATE_KEY 1:16'],
  ['{"a" 1 "\\u0061" 2}', 'EDN_DUPLICATE_KEY 1:8'],
  ['#{:a :a}', 'EDN_DUPLICATE_MEMBER 1:6'],
  ['#{#{1} #{1}}', 'EDN_DUPLICATE_MEMBER 1:8'],
  ['#{1 2 3 4 5 6 7 8 9 1}', 'EDN_DUPLICATE_MEMBER 1:21'],
  ['::a', 'EDN_BAD_TOKEN 1:1'],
  [
    '[: :a: a/ /a :a/1 a::b a:/b // a@b ~]',
    ...[2, 4, 8, 11, 14, 19, 24, 29, 32, 36].map((column) => `EDN_BAD_TOKEN 1:${column}`),
  ],
  [
    '[1x 08 0x 2r2 37r1 1r0 1/0 1e 1@ 12r]',
    ...[2, 5, 8, 11, 15, 20, 24, 28, 31, 34].map((column) => `EDN_BAD_NUMBER 1:${column}`),
  ],
  [
    '[1e99999999999M 1e2147483648M \u0661]',
    'EDN_BAD_NUMBER 1:2',
    'EDN_BAD_NUMBER 1:17',
    'EDN_BAD_NUMBER 1:31',
  ],
  [
    '[\\ab \\u41 \\ud800 \\o400 \\o8 \\a@]',
    ...[2, 6, 11, 18, 24, 28].map((column) => `EDN_BAD_CHARACTER 1:${column}`),
  ],
  ['"\\q \\u004 \\400 \\8"', ...[2, 5, 11, 16].map((column) => `EDN_BAD_ESCAPE 1:${column}`)],
  ['[#"a" #<x> #(1) #1]', ...[2, 7, 12, 17].map((column) => `EDN_BAD_DISPATCH 1:${column}`)],
  ['[##Foo ##1]', 'EDN_BAD_DISPATCH 1:2', 'EDN_BAD_DISPATCH 1:8'],
  ['[^1 [] ^:a "s" ^:a :b]', 'EDN_BAD_METADATA 1:3', 'EDN_BAD_METADATA 1:12', 'EDN_BAD_METADATA 1:20'],
  ['[#:a/b{} #::a{} #:a [] ]', ...[2, 10, 17].map((column) => `EDN_BAD_NAMESPACE_MAP 1:${column}`)],
  ['[#foo 1 #db/id [:db.part/db]]', 'EDN_BAD_TAG 1:2', 'EDN_BAD_TAG 1:9'],
  ['#_ #foo 1 2', 'EDN_BAD_TAG 1:4'],
  ['#inst "2020-02-30"', 'EDN_BAD_TAGGED_VALUE 1:7'],
  ['#inst "2020-01-01T00:00:00+05:99"', 'EDN_BAD_TAGGED_VALUE 1:7'],
  ['#uuid "1-2-3-4"', 'EDN_BAD_TAGGED_VALUE 1:7'],
  ['[#_]', 'EDN_MISSING_FORM 1:2'],
  ['{:a #inst}', 'EDN_MISSING_FORM 1:5'],
  ['[^:a]', 'EDN_MISSING_FORM 1:2'],
];

describe('a document that is no EDN', () => {
  it.each(REFUSED)('%j is refused', (document, ...expected) => {
    expect(list(document)).toEqual(expected);
  });

  it('tells which closer closed what, and what is never closed, where a brace is missing', () => {
    const text = '{:tables {}\n :joins\n {:order/customer customer\n }\n';
    expect(readEdn(text).faults).toMatchObject([
      {
        code: 'EDN_UNBALANCED',
        line: 4,
        column: 2,
        message: 'this } closes :joins, opened at 3:2; the map opened at 1:1 is never closed',
        hint: 'add } at the end of the file',
      },
    ]);
  });

  it('names all closers that are missing, the innermost first', () => {
    const [fault] = readEdn('{:a [1 (2 #{3').faults;
    expect(fault).toMatchObject({
      code: 'EDN_UNBALANCED',
      line: 1,
      column: 11,
      hint: 'add })]} at the end of the file',
    });
    expect(fault?.message).toContain('4 collections are never closed');
  });

  it('tells what a wrong closer should have closed', () => {
    const [fault] = readEdn('{:a\n [1 2)}').faults;
    expect(fault?.message).toBe('this ) does not close the vector of :a, opened at 2:2, which needs a ]');
  });

  it('points at the string that ran on where a quote is missing', () => {
    const text = '{:a "one\n :b "two"\n :c "three"}';
    expect(readEdn(text).faults.at(-1)).toMatchObject({ code: 'EDN_UNCLOSED_STRING', line: 3, column: 11 });
    expect(readEdn(text).faults.at(-1)?.hint).toContain('the string at 1:5');
  });

  it('shows several faults at once, in the order of the text', () => {
    const text = '{:a ::b\n :c "\\q"\n :d {:e 1 :e 2}\n :f [1x\n :g 2}\n';
    expect(list(text)).toEqual([
      'EDN_BAD_TOKEN 1:5',
      'EDN_BAD_ESCAPE 2:6',
      'EDN_DUPLICATE_KEY 3:11',
      'EDN_BAD_NUMBER 4:6',
      'EDN_UNBALANCED 5:6',
    ]);
  });

  it('does not let one fault cause others', () => {
    expect(list('{:a #inst "x" :b ::c}')).toEqual(['EDN_BAD_TAGGED_VALUE 1:11', 'EDN_BAD_TOKEN 1:18']);
    expect(list('[{:a 1] [2}]')).toEqual(['EDN_UNBALANCED 1:7']);
  });

  it('quotes nothing where the text is secret', () => {
    const text =
      '{:secret hunter2: :hunter2 1 :hunter2 2 #hunter2 3 "\\hunter2" #:hunter2/x {} ^"hunter2" 1 "hunter2';
    const { faults } = readEdn(text, { isSecret: true });
    expect(faults.length).toBeGreaterThan(3);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it('shows nothing invisible in a message', () => {
    const [fault] = readEdn('a\u202e\u0000::b').faults;
    expect(fault?.message).toBe('a\\u202e\\u0000::b is no name that EDN allows');
  });
});
