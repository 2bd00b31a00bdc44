import { expect, test } from 'vitest';
import { chooseGroup, identifyInGroup, type JudgedGroup } from '../../../../agent/core/source/group.ts';
import { describeGroup } from '../../../../agent/core/source/listing.ts';
import type { Verdict } from '../../../../agent/core/source/verdict.ts';

const COMPLETE: Verdict = { kind: 'complete', manifest: null, issues: [] };
const SETTLING: Verdict = { kind: 'settling', until: 5_000 };
const OVER: Verdict = { kind: 'over-limit', manifest: null, issues: [] };
const PENDING: Verdict = {
  kind: 'pending',
  pending: { kind: 'pending', id: 'i', by: 'ci', at: 0 },
  lockedAt: 0,
};

const object = (name: string, path: string, modifiedAt: number, tag = 't') => ({
  group: name,
  path,
  tag,
  size: 1,
  modifiedAt,
});
/** A group with one file of that age; null for a group in which nothing lies. */
const group = (name: string, modifiedAt: number | null, verdict: Verdict = COMPLETE): JudgedGroup => ({
  listing: describeGroup(name, modifiedAt === null ? [] : [object(name, 'datomic/a.edn', modifiedAt)]),
  verdict,
});
/** A group that lost its files and still has its manifest. */
const manifestOnly = (name: string, modifiedAt: number, verdict: Verdict = COMPLETE): JudgedGroup => ({
  listing: describeGroup(name, [object(name, 'manifest.json', modifiedAt)]),
  verdict,
});
const at = (markAt: number, name = 'acme') => ({ name, markAt });

const rows: readonly {
  title: string;
  groups: JudgedGroup[];
  inForce: { name: string; markAt: number } | null;
  seen?: string[];
  target: string | null;
  isSettling?: boolean;
}[] = [
  // The first choice.
  {
    title: 'first: the newest complete group',
    groups: [group('acme', 10), group('q1', 20)],
    inForce: null,
    target: 'q1',
  },
  {
    title: 'first: of two as new, the one whose name sorts first',
    groups: [group('q1', 20), group('acme', 20)],
    inForce: null,
    target: 'acme',
  },
  {
    title: 'first: nothing anywhere is the default group',
    groups: [group('acme', null)],
    inForce: null,
    target: 'acme',
  },
  {
    title: 'first: an empty default group does not hide another',
    groups: [group('acme', null), group('q1', 1)],
    inForce: null,
    target: 'q1',
  },
  {
    title: 'first: an empty default group waits for one that settles',
    groups: [group('acme', null), group('q1', 1, SETTLING)],
    inForce: null,
    target: null,
    isSettling: true,
  },
  {
    title: 'first: an empty default group waits for a first sync',
    groups: [group('acme', null), manifestOnly('q1', 1, PENDING)],
    inForce: null,
    target: null,
  },
  {
    title: 'first: an empty default group that has not settled waits',
    groups: [group('acme', null, SETTLING)],
    inForce: null,
    target: null,
    isSettling: true,
  },
  {
    title: 'first: a complete group does not wait for a pending one',
    groups: [group('acme', 10), group('q1', 20, PENDING)],
    inForce: null,
    target: 'acme',
  },
  {
    title: 'first: a group over a limit, rather than nothing',
    groups: [group('acme', null), group('q1', 20, OVER)],
    inForce: null,
    target: 'q1',
  },
  {
    title: 'first: a complete group, rather than a newer one over a limit',
    groups: [group('acme', 10), group('q1', 20, OVER)],
    inForce: null,
    target: 'acme',
  },
  {
    title: 'first: a group with nothing but a manifest is not complete enough',
    groups: [group('acme', 10), manifestOnly('q1', 20)],
    inForce: null,
    target: 'acme',
  },
  // What moves it.
  {
    title: 'moves to a group with something newer than everything before',
    groups: [group('acme', 100), group('q1', 101)],
    inForce: at(100),
    target: 'q1',
  },
  {
    title: 'moves to a group that was not there before',
    groups: [group('acme', 100), group('new', 200)],
    inForce: at(100),
    target: 'new',
  },
  {
    title: 'moves to the newest of two',
    groups: [group('acme', 100), group('q1', 101), group('q2', 102)],
    inForce: at(100),
    target: 'q2',
  },
  {
    title: 'moves after the agent was away',
    groups: [group('acme', 90), group('q1', 101)],
    inForce: at(100),
    target: 'q1',
  },
  {
    title: 'moves away from a group whose sync was left behind',
    groups: [group('acme', 100, PENDING), group('q1', 101)],
    inForce: at(90),
    target: 'q1',
  },
  // What does not.
  {
    title: 'stays: nothing is newer',
    groups: [group('acme', 100), group('q1', 99)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays: its own newest file was deleted',
    groups: [group('acme', 40), group('q1', 99)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays: it was emptied',
    groups: [group('acme', null), group('q1', 99)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays: the newer group has nothing but a manifest',
    groups: [group('acme', 100), manifestOnly('q1', 101)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays: the newer group is pending',
    groups: [group('acme', 100), group('q1', 101, PENDING)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays: the newer group is over a limit',
    groups: [group('acme', 100), group('q1', 101, OVER)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays for now: the newer group is settling',
    groups: [group('acme', 100), group('q1', 101, SETTLING)],
    inForce: at(100),
    target: 'acme',
    isSettling: true,
  },
  {
    title: 'stays: an older group that settles is of no interest',
    groups: [group('acme', 100), group('q1', 99, SETTLING)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'stays: what it gained itself is newer still',
    groups: [group('acme', 120), group('q1', 110)],
    inForce: at(100),
    target: 'acme',
  },
  {
    title: 'waits: what it gained itself is newer still, and settles',
    groups: [group('acme', 120, SETTLING), group('q1', 110)],
    inForce: at(100),
    target: null,
    isSettling: true,
  },
  {
    title: 'waits: its own sync is under way',
    groups: [group('acme', 100, PENDING), group('q1', 99)],
    inForce: at(100),
    target: null,
  },
  {
    title: 'an over-limit group in force is the target, to be refused',
    groups: [group('acme', 101, OVER)],
    inForce: at(100),
    target: 'acme',
  },
  // Within one second of S3.
  {
    title: 'moves: as new as the mark, but not there when the mark was set',
    groups: [group('acme', 100), group('q1', 100)],
    inForce: at(100),
    seen: ['acme'],
    target: 'q1',
  },
  {
    title: 'stays: as new as the mark, and there when the mark was set',
    groups: [group('acme', 100), group('q1', 100)],
    inForce: at(100),
    seen: ['acme', 'q1'],
    target: 'acme',
  },
  {
    title: 'stays: as new as a mark of an earlier life',
    groups: [group('acme', 100), group('q1', 100)],
    inForce: at(100),
    target: 'acme',
  },
];

test.each(rows)('group $title', ({ groups, inForce, seen, target, isSettling = false }) => {
  const seenAtMark =
    seen === undefined
      ? null
      : new Set(seen.map((name) => identifyInGroup(name, object(name, 'datomic/a.edn', 100))));
  const choice = chooseGroup({ groups, inForce, seenAtMark, defaultGroup: 'acme' });
  expect(choice.target?.listing.name ?? null).toBe(target);
  expect(choice.settlingUntil !== null).toBe(isSettling);
});

test('the order of the listing does not matter', () => {
  for (const { groups, inForce } of rows) {
    const choose = (list: JudgedGroup[]) =>
      chooseGroup({ groups: list, inForce, seenAtMark: null, defaultGroup: 'acme' }).target?.listing.name;
    expect(choose([...groups].reverse())).toBe(choose(groups));
  }
});
