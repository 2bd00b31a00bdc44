import { describe, expect, it } from 'vitest';
import {
  printAge,
  printable,
  printBytes,
  printCount,
  printDuration,
  printSpan,
  printTime,
  shorten,
  wrap,
} from '../../../agent/cli/print.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('what people read', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 m'],
    [MINUTE + 5 * SECOND, '1 m 5 s'],
    [2 * HOUR + 10 * MINUTE, '2 h 10 m'],
    [76 * HOUR, '3 d 4 h'],
    [48 * HOUR, '2 d'],
  ])('%d ms are %j', (ms, expected) => {
    expect(printDuration(ms)).toBe(expected);
  });

  it('a measured span is rounded, a short one to milliseconds', () => {
    expect([850, 11_400, 59_600].map(printSpan)).toEqual(['850 ms', '11 s', '1 m']);
  });

  it('an age tells of clocks that disagree', () => {
    expect([0, -5 * SECOND, 5 * SECOND].map((ms) => printAge(10 * MINUTE + ms, 10 * MINUTE))).toEqual([
      'just now',
      '5 s ago',
      '5 s ahead of this clock',
    ]);
  });

  it('a time of another day comes with its date', () => {
    const at = Date.parse('2026-01-01T23:59:00Z');
    expect(printTime(at, at)).toBe('23:59:00');
    expect(printTime(at, at + 2 * MINUTE)).toBe('2026-01-01 23:59:00');
  });

  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KiB'],
    [812 * 1024 ** 2, '812 MiB'],
    [8 * 1024 ** 3, '8 GiB'],
    [5.23 * 1024 ** 3, '5.2 GiB'],
  ])('%d bytes are %j', (bytes, expected) => {
    expect(printBytes(bytes)).toBe(expected);
  });

  it('counts have a plural', () => {
    expect([printCount(1, 'file'), printCount(0, 'file'), printCount(2, 'query')]).toEqual([
      '1 file',
      '0 files',
      '2 queries',
    ]);
  });

  it('a text that is too long keeps both ends', () => {
    expect(shorten('abcdefghij', 10)).toBe('abcdefghij');
    expect(shorten('abcdefghij', 7)).toBe('abc…hij');
  });

  it('a wrapped text loses nothing', () => {
    const text = 'a sentence with a verylongwordthatstandsalone in it';
    expect(wrap(text, 12).join(' ')).toBe(text);
    expect(wrap(text, 12)[0]).toBe('a sentence');
    expect(wrap('', 12)).toEqual(['']);
  });

  it('characters that act on a terminal are shown instead', () => {
    expect(printable('a\tb\u001b[2J\n\u202ec')).toBe('a b\\u{1b}[2J\\u{a}\\u{202e}c');
  });
});
