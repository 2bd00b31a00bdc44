import { describe, expect, it } from 'vitest';
import { canonicalEdn, plainEdn } from '../../../../agent/core/edn/canonical.ts';
import { lookUp } from '../../../../agent/core/edn/node.ts';
import { readEdn } from '../../../../agent/core/edn/read.ts';

/** Document and what it means; found beside `clojure.edn/read-string`, see test/e2e/readers. */
const VALUES: readonly (readonly [string, string])[] = [
  ['nil', 'nil'],
  ['[true false nile]', '[true false nile]'],
  ['"a\\tb\\u0041\\101\\377 \\\\ \\""', '"a\\tbAAÿ \\\\ \\""'],
  ['"\\1 2"', '"\\u0001 2"'],
  ['"\\ud800"', '"\\ud800"'],
  ['"two\nlines"', '"two\\nlines"'],
  [
    '[\\a \\newline \\u0041 \\o101 \\u \\o \\( \\,]',
    '[\\u0061 \\u000a \\u0041 \\u0041 \\u0075 \\u006f \\u0028 \\u002c]',
  ],
  ['(\\))', '(\\u0029)'],
  ['[a a/b a/b/c / a// a///]', '[a a/b a/b/c / a// a///]'],
  ["[. .5 - + -a 'a a'b % & = < a#b a:b]", "[. .5 - + -a 'a a'b % & = < a#b a:b]"],
  [
    '[:a :a/b :1 :1/a :/ :a/b/c :a.3rd-party/name :a/b+c :db/ident]',
    '[:a :a/b :1 :1/a :/ :a/b/c :a.3rd-party/name :a/b+c :db/ident]',
  ],
  ['[0 -0 +7 42 -42 1N 0N]', '[0 0 7 42 -42 1 0]'],
  ['[0x1F -0xfN 0777 00 2r101 36rZz]', '[31 -15 511 0 5 1295]'],
  ['[9223372036854775808 -9223372036854775809]', '[9223372036854775808 -9223372036854775809]'],
  ['[1.0 1. 1e5 08.5 09e1 -0.0 1e400]', '[1.0 1.0 100000.0 8.5 90.0 0.0 ##Inf]'],
  ['[1M 1.00M 0.00M -1.5e10M 08M]', '[1e0M 1e0M 0e0M -15e9M 8e0M]'],
  ['[1/2 4/2 -4/6 +1/2 0/5]', '[1/2 2 -2/3 1/2 0]'],
  ['[##Inf ##-Inf ##NaN ## Inf ##^:a Inf]', '[##Inf ##-Inf ##NaN ##Inf ##Inf]'],
  ['[1#_2 3]', '[1 3]'],
  ['[#_#_1 2 3 #_ #_ 4 #_5 6 7]', '[3 7]'],
  ['{:a #_ignored 1}', '{:a 1}'],
  ['; a comment\n[1 ; another\r2]', '[1 2]'],
  ['{:b 1,,,:a 2}', '{:a 2 :b 1}'],
  ['#{3 1 2}', '#{1 2 3}'],
  ['([] {} #{} ())', '([] {} #{} ())'],
  ['#:a{:b 1 :_/c 2 :d/e 3 f 4 "g" 5}', '{"g" 5 :a/b 1 :c 2 :d/e 3 a/f 4}'],
  ['#: a\n{:b 1}', '{:a/b 1}'],
  ['^:private [1]', '[1]'],
  ['^{:doc "x"} ^String ^"y" {:a 1}', '{:a 1}'],
  ['#^:old (1)', '(1)'],
  ['#inst "1970"', '#inst 0'],
  ['#inst "2020-02-29T23:59:60Z"', '#inst 1583020800000'],
  ['#inst "2020-01-01T12:30:15.1234567891-23:59"', '#inst 1577968155123'],
  ['#inst "1582-10-10"', '#inst -12218860800000'],
  ['#inst "0000-01-01"', '#inst -62167392000000'],
  ['#inst"2020"', '#inst 1577836800000'],
  ['#uuid "1-2-3-4-5"', '#uuid "00000001-0002-0003-0004-000000000005"'],
  ['#uuid "+1-2-3-4-5"', '#uuid "00000001-0002-0003-0004-000000000005"'],
  ['#uuid "FFFFFFFFFF-2-3-4-5"', '#uuid "ffffffff-0002-0003-0004-000000000005"'],
  ['[1\u2003:a\u00a0b\u202e 2\u001c3]', '[1 :a\u00a0b\u202e 2 3]'],
  ['{:a 1}\r\n', '{:a 1}'],
  ['[\u0000]', '[\u0000]'],
];

describe('a readable document', () => {
  it.each(VALUES)('%j means %s', (document, meaning) => {
    const { form, faults } = readEdn(document);
    expect(faults).toEqual([]);
    expect(form === null ? null : canonicalEdn(form)).toBe(meaning);
  });

  it('keeps every tag when it is told to', () => {
    const { form, faults } = readEdn('[#db/id [:db.part/db] #inst "1970"]', { unknownTags: 'keep' });
    expect(faults).toEqual([]);
    expect(form === null ? null : canonicalEdn(form)).toBe('[#db/id [:db.part/db] #inst 0]');
  });

  it('is its first form alone for who asks like read-string', () => {
    const { form, faults } = readEdn('{:a 1} ) "never closed', { forms: 'first' });
    expect(faults).toEqual([]);
    expect(form === null ? null : canonicalEdn(form)).toBe('{:a 1}');
    expect(readEdn(' ; nothing', { forms: 'first' })).toMatchObject({ form: null, faults: [] });
  });

  it('may hold any number of forms for who asks for all', () => {
    const { forms, faults } = readEdn('[1] [2] #_[3]', { forms: 'all' });
    expect(faults).toEqual([]);
    expect(forms.map(canonicalEdn)).toEqual(['[1]', '[2]']);
  });

  it('knows the place of each of its forms', () => {
    const { form } = readEdn('{:tables\n  {:artist/gid {}}\n\n ;; x\n :joins {:a/b "ü" :c/d d}}');
    if (form?.kind !== 'map') throw new Error('expected a map');
    const joins = lookUp(form, ':joins');
    if (joins?.kind !== 'map') throw new Error('expected a map');
    expect(form).toMatchObject({ line: 1, column: 1, start: 0, end: 61 });
    expect(joins).toMatchObject({ line: 5, column: 9 });
    expect(joins.entries.map(({ key, value }) => [key.column, value.line, value.column])).toEqual([
      [10, 5, 15],
      [19, 5, 24],
    ]);
    expect(lookUp(form, ':views')).toBeNull();
  });

  it('has a view for people', () => {
    const { form } = readEdn('{:a [1 "b" c] "k" {x/y nil} 3 99999999999999999999 nil #inst "1970"}');
    expect(form === null ? null : plainEdn(form)).toEqual({
      ':a': [1, 'b', 'c'],
      k: { 'x/y': null },
      3: '99999999999999999999',
      nil: '#inst 0',
    });
  });
});

describe('the canonical text', () => {
  it.each([
    ['comments, commas and layout', '{:a 1, :b [2 3]}', '{;; note\n :a 1\n\n :b\t[2,3] #_ x}'],
    ['the order of keys and set members', '{:a #{1 2} :b 2}', '{:b 2 :a #{2 1}}'],
    ['the notation of numbers and strings', '[31 1.50M "A"]', '[0x1F 1.5M "\\u0041"]'],
    ['namespaced maps', '{:a/b 1}', '#:a{:b 1}'],
    ['metadata', '[1]', '^:x [1]'],
  ])('does not depend on %s', (_, one, other) => {
    const [a, b] = [readEdn(one).form, readEdn(other).form];
    expect(a).not.toBeNull();
    expect(a === null ? null : canonicalEdn(a)).toBe(b === null ? undefined : canonicalEdn(b));
  });

  it.each([
    ['[1 2]', '[2 1]'],
    ['[1]', '(1)'],
    ['1', '1.0'],
    ['1.0', '1M'],
    ['a', '"a"'],
    [':a', 'a'],
    ['\\a', '"a"'],
    ['nil', '"nil"'],
  ])('tells %s from %s', (one, other) => {
    const [a, b] = [readEdn(one).form, readEdn(other).form];
    expect(a === null ? null : canonicalEdn(a)).not.toBe(b === null ? null : canonicalEdn(b));
  });
});
