import { expect, test } from 'vitest';
import { findSettledAt, noteListing } from '../../../../agent/core/source/settle.ts';

const listing = (identity: string, startedAt: number) => ({ identity, startedAt, endedAt: startedAt + 2 });

test('the wait begins at the end of the first listing that showed this', () => {
  const first = noteListing(null, listing('a', 100));
  expect(first).toEqual({ identity: 'a', since: 102 });
  expect(noteListing(first, listing('a', 110))).toEqual(first);
});

test('every change begins the wait anew, also back to what was before', () => {
  const first = noteListing(null, listing('a', 100));
  const second = noteListing(first, listing('b', 110));
  expect(second.since).toBe(112);
  expect(noteListing(second, listing('a', 120)).since).toBe(122);
});

test('a clock that went back begins the wait anew instead of stretching it', () => {
  const first = noteListing(null, listing('a', 1_000_000));
  expect(noteListing(first, listing('a', 500))).toEqual({ identity: 'a', since: 502 });
});

test.each<[title: string, paths: string[], before: string[], waitMs: number]>([
  ['nothing was there', ['a'], [], 15],
  ['the same paths', ['a', 'b'], ['a', 'b'], 15],
  ['a path more', ['a', 'b'], ['a'], 15],
  ['a path less', ['a'], ['a', 'b'], 30],
  ['one more and one less', ['a', 'c'], ['a', 'b'], 30],
  ['nothing left', [], ['a'], 30],
])('time to settle: %s', (_title, paths, pathsBefore, waitMs) => {
  const settling = { identity: 'x', since: 1_000 };
  const options = { paths, pathsBefore, settleMs: 15, settleDeletionsMs: 30 };
  expect(findSettledAt(settling, options)).toBe(1_000 + waitMs);
});

test('a time for deletions that is set shorter than the other does not shorten the wait', () => {
  const options = { paths: [], pathsBefore: ['a'], settleMs: 15, settleDeletionsMs: 1 };
  expect(findSettledAt({ identity: 'x', since: 0 }, options)).toBe(15);
});
