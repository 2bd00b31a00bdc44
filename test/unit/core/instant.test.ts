import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInstant, printInstant } from '../../../agent/core/instant.ts';

const range = fc.integer({
  min: Date.parse('0000-01-01T00:00:00Z'),
  max: Date.parse('9999-12-31T23:59:59.999Z'),
});

test('every millisecond is printed as the platform prints it, and reads back', () => {
  fc.assert(
    fc.property(range, (at) => {
      expect(printInstant(at)).toBe(new Date(at).toISOString());
      expect(parseInstant(new Date(at).toISOString())).toBe(at);
    }),
    { numRuns: 2_000 },
  );
});

test.each<[text: string, at: number | null]>([
  ['1970-01-01T00:00:00Z', 0],
  ['2024-02-29T12:00:00Z', 1_709_208_000_000],
  ['2026-01-31T11:58:02.5Z', 1_769_860_682_500],
  ['2026-01-31T11:58:02.123456789Z', 1_769_860_682_123],
  ['2023-02-29T12:00:00Z', null],
  ['1900-02-29T12:00:00Z', null],
  ['2026-13-01T00:00:00Z', null],
  ['2026-00-01T00:00:00Z', null],
  ['2026-01-00T00:00:00Z', null],
  ['2026-04-31T00:00:00Z', null],
  ['2026-01-01T24:00:00Z', null],
  ['2026-01-01T00:60:00Z', null],
  ['2026-01-01T00:00:60Z', null],
  ['2026-01-01T00:00:00', null],
  ['2026-01-01T00:00:00+01:00', null],
  ['2026-01-01 00:00:00Z', null],
  ['2026-01-01', null],
  ['', null],
])('the text %j is the instant %s', (text, at) => {
  expect(parseInstant(text)).toBe(at);
});
