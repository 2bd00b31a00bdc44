import { describe, expect, it } from 'vitest';
import { acknowledgementsOf, stillNeeded } from '../../../agent/core/acknowledged.ts';
import type { Acknowledgement } from '../../../agent/core/memory.ts';
import { remember } from '../../../agent/core/remember.ts';
import { memory, snapshotId, T0 } from '../../fakes/builders.ts';

const shown = { path: 'catalog/shop.properties', reason: 'every database' };
const yes: Acknowledgement = {
  kind: 'exposure',
  snapshot: snapshotId('s1'),
  paths: [shown],
  at: T0,
  by: 'op',
};

describe('a yes', () => {
  it('is needed while what was proven shows less, and no longer', () => {
    const needed = { hasBaseline: true, deletions: [] };
    expect(stillNeeded([yes], { ...needed, exposures: [shown] })).toEqual([yes]);
    expect(stillNeeded([yes], { ...needed, exposures: [] })).toEqual([]);
  });

  it('is needed while nothing is proven: what merely went live reflects nothing', () => {
    expect(stillNeeded([yes], { hasBaseline: false, deletions: [], exposures: [] })).toEqual([yes]);
  });

  it('does not cross groups', () => {
    const before = memory({ group: { name: 'g', markAt: T0 }, acknowledgements: [yes] });
    expect(acknowledgementsOf(before, 'g')).toEqual([yes]);
    expect(acknowledgementsOf(before, 'h')).toEqual([]);
    const moved = remember(before, { kind: 'move-group', group: { name: 'h', markAt: T0 + 1 } });
    expect(moved.acknowledgements).toEqual([]);
    const same = remember(before, { kind: 'move-group', group: { name: 'g', markAt: T0 + 1 } });
    expect(same.acknowledgements).toEqual([yes]);
  });
});
