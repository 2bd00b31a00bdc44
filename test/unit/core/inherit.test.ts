import { describe, expect, it } from 'vitest';
import type { SavedBaseline } from '../../../agent/core/baseline-document.ts';
import { type InheritedGroup, inheritMemory } from '../../../agent/core/inherit.ts';
import type { Acknowledgement, ExposureHold } from '../../../agent/core/memory.ts';
import { chooseTarget } from '../../../agent/core/plan/facts.ts';
import { remember } from '../../../agent/core/remember.ts';
import { digest, memory, observed, release, snapshotId } from '../../fakes/builders.ts';
import { sourceFile } from '../../support/releases.ts';

const a1 = release('A1');
const snapshot = snapshotId('snapshot-A1');
const exposure: ExposureHold = { snapshot, paths: [{ path: 'catalog/x.properties', reason: 'all' }], at: 7 };
const yes: Acknowledgement = { kind: 'deletion', snapshot, paths: [], at: 6, by: 'ann' };

const saved = (overrides: Partial<SavedBaseline> = {}): SavedBaseline => ({
  group: 'g',
  changedAt: 9,
  by: { instance: 'i-1', agent: '1' },
  markAt: 5,
  proven: { snapshot, origin: { at: 1, by: 'ann' }, kept: [], files: [] },
  kept: { snapshot, at: 4, files: [sourceFile('datomic/a.edn', '{}')] },
  exposure,
  acknowledgements: [yes],
  ...overrides,
});
const inherited = (overrides: Partial<InheritedGroup> = {}): InheritedGroup => ({
  saved: saved(),
  release: a1,
  keeper: a1.digest,
  isAcceptable: true,
  ...overrides,
});
const KEPT = { paths: ['datomic/a.edn'], from: a1.digest, snapshot, at: 4 };

describe('a fresh machine', () => {
  it('begins with everything, and nothing of it is proven here', () => {
    expect(inheritMemory(memory(), [inherited()])).toEqual(
      memory({
        group: { name: 'g', markAt: 5 },
        desired: a1,
        inherited: a1,
        baselines: { g: a1.digest },
        kept: { g: KEPT },
        exposure,
        acknowledgements: [yes],
      }),
    );
  });

  it('compares with a baseline that does not pass the gate of today, and does not start it', () => {
    const next = inheritMemory(memory(), [inherited({ isAcceptable: false })]);
    expect(next).toMatchObject({
      desired: null,
      inherited: null,
      baselines: { g: a1.digest },
      kept: { g: KEPT },
    });
  });

  it('takes the group whose mark is the highest, and the baselines of all', () => {
    const b1 = release('B1', { group: 'h' });
    const other = saved({ group: 'h', markAt: 6, kept: null, exposure: null, acknowledgements: [] });
    const next = inheritMemory(memory(), [
      inherited(),
      inherited({ saved: other, release: b1, keeper: null }),
    ]);
    expect(next).toMatchObject({
      group: { name: 'h', markAt: 6 },
      desired: b1,
      baselines: { g: a1.digest, h: b1.digest },
      kept: { g: KEPT },
      exposure: null,
      acknowledgements: [],
    });
  });

  it('falls back on another group where the one in force was never proven', () => {
    const bare = saved({
      group: 'h',
      markAt: 9,
      proven: null,
      kept: null,
      exposure: null,
      acknowledgements: [],
    });
    const old = inherited({
      saved: saved({ group: 'f', changedAt: 1 }),
      release: release('F1', { group: 'f' }),
    });
    const moved = inherited({ saved: bare, release: null, keeper: null });
    expect(inheritMemory(memory(), [old, inherited(), moved])).toMatchObject({
      group: { name: 'h', markAt: 9 },
      desired: null,
      inherited: a1,
    });
  });

  it('with nothing saved stays as it is', () => {
    expect(inheritMemory(memory(), [])).toEqual(memory());
  });

  it('whose group was never proven learns only the group', () => {
    const bare = saved({ proven: null, kept: null, exposure: null, acknowledgements: [] });
    expect(inheritMemory(memory(), [inherited({ saved: bare, release: null, keeper: null })])).toEqual(
      memory({ group: { name: 'g', markAt: 5 } }),
    );
  });
});

describe('a baseline that comes late', () => {
  const b1 = release('B1');

  it('leaves what is desired here, and becomes what there is to fall back on', () => {
    const here = memory({ group: { name: 'g', markAt: 8 }, desired: b1 });
    expect(inheritMemory(here, [inherited()])).toMatchObject({
      group: { name: 'g', markAt: 8 },
      desired: b1,
      inherited: a1,
      baselines: { g: a1.digest },
      kept: { g: KEPT },
    });
  });

  it('changes nothing of a group that was proven here meanwhile', () => {
    const here = memory({
      group: { name: 'g', markAt: 8 },
      desired: b1,
      proven: b1,
      baselines: { g: b1.digest },
    });
    expect(inheritMemory(here, [inherited()])).toMatchObject({
      proven: b1,
      inherited: null,
      baselines: { g: b1.digest },
      kept: {},
      exposure: null,
    });
  });

  it('does not move the group back that the source has moved to', () => {
    const here = memory({ group: { name: 'h', markAt: 8 }, desired: release('H1', { group: 'h' }) });
    expect(inheritMemory(here, [inherited()])).toMatchObject({
      group: { name: 'h', markAt: 8 },
      inherited: null,
      baselines: { g: a1.digest },
    });
  });
});

describe('what was inherited', () => {
  const b1 = release('B1');
  const quarantine = {
    fingerprint: b1.fingerprint,
    digest: b1.digest,
    kind: 'exit',
    reason: 'ended twice',
    log: [],
    at: 1,
    retryAt: null,
    tries: 1,
    isRetrying: false,
  } as const;

  it('is fallen back on when the first configuration here fails', () => {
    const here = memory({ desired: b1, inherited: a1, quarantined: [quarantine] });
    expect(chooseTarget(observed({ memory: here, store: [a1, b1] }))).toEqual(a1);
  });

  it('counts no more once something is proven here', () => {
    const proven = remember(memory({ desired: b1, inherited: a1 }), { kind: 'prove', release: b1, at: 1 });
    expect(proven).toMatchObject({ proven: b1, inherited: null, baselines: { g: digest('B1') } });
  });
});
