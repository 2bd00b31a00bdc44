import { describe, expect, it } from 'vitest';
import { buildConditions, type Notes } from '../../../agent/core/conditions.ts';
import type { Observed } from '../../../agent/core/observed.ts';
import {
  atRest,
  digest,
  memory,
  observed,
  release,
  runId,
  SECOND,
  snapshotId,
  T0,
} from '../../fakes/builders.ts';

const QUIET: Notes = {
  sourceError: null,
  hasSourceAnswered: true,
  pending: null,
  isSettling: false,
  stepError: null,
  drift: null,
  moved: null,
  stateSetAside: null,
  effect: null,
  memoryMessage: 'enough',
};

const conditionsOf = (of: Observed, notes: Partial<Notes> = {}) =>
  buildConditions(of, { ...QUIET, ...notes }, [], T0);
const find = (of: Observed, type: string, notes: Partial<Notes> = {}) =>
  conditionsOf(of, notes).find((condition) => condition.type === type);

const N1 = release('N1', { catalogs: [] });
const FAILED = observed({
  startFailure: {
    run: runId('run-1'),
    reason: 'PortTaken',
    message: 'port 8989 is taken by nginx (pid 812)',
    remedy: 'end that program',
    isOfHost: true,
  },
});
const BARE = observed({
  memory: memory({ desired: N1 }),
  store: [N1],
  intent: { release: N1, phase: 'published' },
});

describe('conditions', () => {
  it('are six and all true when all is well', () => {
    const all = conditionsOf(atRest());
    expect(all.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'SourceReachable=True',
      'Valid=True',
      'Published=True',
      'Healthy=True',
      'Proven=True',
      'MemorySufficient=True',
    ]);
  });

  it.each<[string, Observed, Partial<Notes>, string, string]>([
    [
      'an unanswered source',
      observed(),
      { hasSourceAnswered: false },
      'SourceReachable',
      'Unknown NoAnswerYet',
    ],
    [
      'a source that denies',
      atRest(),
      { sourceError: { code: 'SOURCE_DENIED', message: 'denied', hint: 'allow it' } },
      'SourceReachable',
      'False SourceDenied',
    ],
    ['an empty disk', observed(), {}, 'Healthy', 'False NoConfiguration'],
    ['no catalog at all', BARE, {}, 'Healthy', 'False NoConfiguration'],
    ['a start that failed for a known reason', FAILED, {}, 'Healthy', 'False PortTaken'],
    ['no catalog at all', BARE, {}, 'Proven', 'False NoConfiguration'],
    [
      'no engine',
      atRest({ run: { ...atRest().run, state: 'stopped', id: null } }),
      {},
      'Healthy',
      'False Stopped',
    ],
    [
      'too little memory',
      atRest({ isMemorySufficient: false, probe: null }),
      {},
      'Healthy',
      'False TooLittleMemory',
    ],
    [
      'a live file changed by hand',
      atRest({ drift: ['catalog/a.properties'] }),
      {},
      'Published',
      'False Drift',
    ],
    ['a new release', atRest({}, { desired: release('B1') }), {}, 'Proven', 'False NotYet'],
    [
      'an interrupted sync',
      atRest(),
      { pending: { by: 'ci', at: T0, isInterrupted: true } },
      'SyncInterrupted',
      'True ManifestPending',
    ],
    [
      'a hold',
      atRest(
        {},
        { kept: { g: { paths: ['datomic/a.edn'], from: digest('A1'), snapshot: snapshotId('s'), at: T0 } } },
      ),
      {},
      'DeletionHeld',
      'True DirectoryGone',
    ],
    [
      'an exit',
      atRest(
        {},
        { exits: [{ run: runId('r'), at: T0, kind: 'jvm-oom', detail: 'status 3', isExpected: false }] },
      ),
      {},
      'Ended',
      'True JvmOom',
    ],
  ])('say %s', (_, of, notes, type, expected) => {
    const condition = find(of, type, notes);
    expect(`${condition?.status} ${condition?.reason}`).toBe(expected);
    expect(condition?.message).not.toBe('');
  });

  it('name file, line and column of a refusal', () => {
    const issue = {
      code: 'EDN_UNBALANCED',
      severity: 'error',
      path: 'datomic/a.edn',
      line: 3,
      column: 7,
      message: 'never closed',
      hint: 'close it',
    } as const;
    const refused = { snapshot: snapshotId('s'), reason: '1 error', issues: [issue], at: T0, by: 'ci' };
    expect(find(atRest({}, { refused }), 'Valid')?.message).toContain('datomic/a.edn:3:7 never closed');
  });

  it('keep their transition time while they stay the same, and change it when they do not', () => {
    const before = conditionsOf(atRest());
    const later = buildConditions(atRest(), QUIET, before, T0 + 60 * SECOND);
    expect(later).toEqual(before);
    const changed = buildConditions(
      observed({ memory: memory() }),
      { ...QUIET, hasSourceAnswered: true },
      before,
      T0 + 60 * SECOND,
    );
    const healthy = (list: typeof before) => list.find(({ type }) => type === 'Healthy')?.lastTransitionTime;
    expect(healthy(changed)).not.toBe(healthy(before));
  });
});
