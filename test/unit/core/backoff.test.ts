import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseBackoffMs } from '../../../agent/core/backoff.ts';

test.each<[failures: number, random: number, ms: number]>([
  [1, 0, 500],
  [1, 0.5, 750],
  [2, 0, 1_000],
  [3, 0, 2_000],
  [6, 0, 16_000],
  [7, 0, 30_000],
  [8, 0, 30_000],
  [1_000_000, 0, 30_000],
])('after %d failures, with %d by chance, it waits %d ms', (failures, random, ms) => {
  expect(chooseBackoffMs({ failures, baseMs: 1_000, capMs: 60_000, random })).toBe(ms);
});

test('it never waits longer than the cap, and never less than half of it once it is reached', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const ms = chooseBackoffMs({ failures, baseMs: 1_000, capMs: 60_000, random });
        expect(ms).toBeLessThanOrEqual(60_000);
        expect(ms).toBeGreaterThanOrEqual(failures >= 7 ? 30_000 : 500);
      },
    ),
  );
});
