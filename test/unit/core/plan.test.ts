/** The planner's table: what is observed, and what is done, waited for, or left alone. One look, no history. */
import { describe, expect, it } from 'vitest';
import type { Memory } from '../../../agent/core/memory.ts';
import type { Observed } from '../../../agent/core/observed.ts';
import { plan } from '../../../agent/core/plan.ts';
import type { Exit } from '../../../agent/core/run.ts';
import {
  atRest,
  candidate,
  fingerprint,
  MINUTE,
  memory,
  observed,
  probe,
  release,
  run,
  runId,
  SECOND,
  snapshotId,
  T0,
} from '../../fakes/builders.ts';

const [A1, A2, B1] = [release('A1'), release('A2'), release('B1')];

/** Of an empty prefix, or of one with metaschemas alone. */
const BARE = release('N1', { catalogs: [] });

const attempt = (
  overrides: Partial<NonNullable<Memory['attempt']>> = {},
): NonNullable<Memory['attempt']> => ({
  digest: B1.digest,
  fingerprint: B1.fingerprint,
  cause: 'catalog',
  replaces: runId('run-1'),
  openedAt: T0 - 10 * SECOND,
  proveBy: T0 + 170 * SECOND,
  serving: null,
  stableUntil: null,
  ...overrides,
});

const exit = (overrides: Partial<Exit> = {}): Exit => ({
  run: runId('run-2'),
  at: T0,
  kind: 'crash',
  detail: 'status 1',
  isExpected: false,
  ...overrides,
});

/** B1 is desired, live and was started as run-2; run-1 was A1's, which is proven. */
const proving = (overrides: Partial<Observed> = {}, remembered: Partial<Memory> = {}): Observed =>
  atRest(
    {
      candidate: candidate(B1),
      store: [A1, B1],
      intent: { release: B1, phase: 'published' },
      run: run('run-2'),
      started: { digest: B1.digest, fingerprint: B1.fingerprint },
      probe: probe('run-2', { state: 'starting', message: 'starting' }),
      ...overrides,
    },
    { desired: B1, attempt: attempt(), run: { id: runId('run-2'), startedAt: T0 }, ...remembered },
  );

/** B1 is desired and live, the process still runs with A1. */
const changed = (overrides: Partial<Observed> = {}, remembered: Partial<Memory> = {}): Observed =>
  atRest(
    { candidate: candidate(B1), store: [A1, B1], intent: { release: B1, phase: 'published' }, ...overrides },
    { desired: B1, ...remembered },
  );

const quarantined = {
  fingerprint: fingerprint('B'),
  digest: B1.digest,
  kind: 'timeout',
  reason: 'not serving in time',
  log: [],
  at: T0 - MINUTE,
  retryAt: T0 + MINUTE,
  tries: 1,
  isRetrying: false,
} as const;

type Row = [
  situation: string,
  observed: Observed,
  actions: readonly string[],
  reason: RegExp,
  wakeAt?: number | null,
];

const rows = (table: readonly Row[]) =>
  it.each(table)('%s', (_, of, actions, reason, wakeAt) => {
    const made = plan(of, T0);
    expect(made.actions.map(({ kind }) => kind)).toEqual(actions);
    expect(made.reason).toMatch(reason);
    if (wakeAt !== undefined) expect(made.wakeAt).toBe(wakeAt);
  });

const DOWN = { ...run('run-2'), state: 'stopped', id: null } as const;
const sickOf = (startAt: number) => ({
  since: T0,
  step: 0,
  startAt,
  isStopped: true,
  fingerprint: B1.fingerprint,
});
const PORT_TAKEN = {
  run: runId('y'),
  reason: 'PortTaken',
  message: 'Failed to bind to /127.0.0.1:8989',
  remedy: 'end it',
  isOfHost: true,
} as const;

describe('nothing to do', () => {
  rows([
    ['at rest', atRest(), [], /nothing to do/, null],
    ['nothing known, nothing running', observed(), [], /no configuration yet/, null],
    [
      'a release without a catalog is live: there is nothing to run',
      observed({
        candidate: candidate(BARE),
        store: [BARE],
        intent: { release: BARE, phase: 'published' },
        memory: memory({ desired: BARE }),
      }),
      [],
      /the configuration has no catalog/,
      null,
    ],
    [
      'the source is away and what is live serves',
      atRest({
        candidate: null,
        source: { group: null, isUnreachable: true, isPending: false, settledAt: null },
      }),
      [],
      /nothing to do/,
    ],
    [
      'paused with a new release',
      atRest(
        { candidate: candidate(A2), store: [A1, A2] },
        { desired: A2, paused: { at: T0, by: 'op', reason: '', until: T0 + MINUTE } },
      ),
      [],
      /paused/,
      T0 + MINUTE,
    ],
  ]);
});

describe('taking in', () => {
  rows([
    ['a new snapshot', atRest({ candidate: candidate(A2) }), ['store', 'adopt'], /A2 is desired/],
    [
      'a new snapshot that is in the store already',
      atRest({ candidate: candidate(A2), store: [A1, A2] }),
      ['adopt'],
      /A2/,
    ],
    [
      'a snapshot that did not pass',
      atRest({ candidate: candidate(A2, { release: null }) }),
      ['refuse'],
      /refused/,
    ],
    [
      'a snapshot that was refused before',
      atRest(
        { candidate: candidate(A2, { release: null }) },
        { refused: { snapshot: A2.snapshot, reason: '', issues: [], at: T0, by: 'ci' } },
      ),
      [],
      /nothing to do/,
    ],
    [
      'the last good snapshot after a refused one',
      atRest({}, { refused: { snapshot: A2.snapshot, reason: '', issues: [], at: T0, by: 'ci' } }),
      ['adopt'],
      /A1 is desired/,
    ],
    [
      'a snapshot without a directory',
      atRest({ candidate: candidate(A2, { kept: ['datomic/a.edn'] }) }),
      ['store', 'keep', 'adopt'],
      /desired/,
    ],
    [
      'a snapshot that shows more',
      atRest({ candidate: candidate(B1, { widened: [{ path: 'catalog/shop.properties', reason: 'all' }] }) }),
      ['store', 'hold'],
      /held: catalog\/shop.properties would show more/,
    ],
    [
      'a snapshot that is held already',
      atRest(
        { candidate: candidate(B1, { widened: [{ path: 'c', reason: 'all' }] }), store: [A1, B1] },
        { exposure: { snapshot: B1.snapshot, paths: [{ path: 'c', reason: 'all' }], at: T0 } },
      ),
      [],
      /nothing to do/,
    ],
  ]);
});

describe('publishing', () => {
  rows([
    [
      'a desired release',
      atRest({ candidate: candidate(A2), store: [A1, A2] }, { desired: A2 }),
      ['publish'],
      /goes live/,
    ],
    [
      'a publish that was cut off',
      atRest({ intent: { release: A1, phase: 'publishing' } }),
      ['publish'],
      /is finished/,
    ],
    [
      'a live file changed by hand',
      atRest({ drift: ['datomic/a.edn'] }),
      ['publish'],
      /changed by hand.*datomic\/a.edn/,
    ],
    [
      'a release with the fingerprint that runs is watched',
      atRest(
        { candidate: candidate(A2), store: [A1, A2], intent: { release: A2, phase: 'published' } },
        { desired: A2 },
      ),
      ['watch'],
      /watched/,
    ],
    [
      'a watched release is proven in time',
      atRest(
        { candidate: candidate(A2), store: [A1, A2], intent: { release: A2, phase: 'published' } },
        { desired: A2, watch: { digest: A2.digest, since: T0, exitsAt: [] } },
      ),
      [],
      /proven when it has been read/,
      T0 + 75 * SECOND,
    ],
    [
      'the desired release is gone from the store: the proven one',
      atRest({ candidate: null }, { desired: B1 }),
      [],
      /nothing/,
    ],
  ]);
});

describe('starting and restarting', () => {
  rows([
    [
      'the process is stopped',
      atRest({ run: run(null), probe: null }),
      ['open-attempt', 'start'],
      /was stopped/,
    ],
    [
      'the first start after a boot',
      atRest({ run: run(null), probe: null, bootId: 'boot-2' }),
      ['open-attempt', 'start'],
      /after the boot/,
    ],
    ['it is stopping', atRest({ run: run('run-1', { state: 'stopping' }) }), [], /is stopping/],
    ['too little memory', atRest({ run: run(null), isMemorySufficient: false }), [], /too little memory/],
    ['the catalogs changed', changed(), ['drain'], /the drain begins/],
    [
      'the catalogs changed soon after the last restart',
      changed({}, { job: { kind: 'restart', cause: 'catalog', sentAt: T0 - 20 * SECOND, replaces: null } }),
      [],
      /far enough apart/,
      T0 + 40 * SECOND,
    ],
    [
      'no query ran when the drain began',
      changed({}, { drain: { run: runId('run-1'), beganAt: T0 - 1, until: T0 + MINUTE, queries: null } }),
      ['open-attempt', 'restart'],
      /catalogs changed/,
    ],
    [
      'a query runs on',
      changed(
        { probe: probe('run-1', { queries: [{ id: 'q', user: 'ana' }] }) },
        {
          drain: {
            run: runId('run-1'),
            beganAt: T0 - 1,
            until: T0 + MINUTE,
            queries: [{ id: 'q', user: 'ana' }],
          },
        },
      ),
      [],
      /draining 1 query/,
      T0 + MINUTE,
    ],
    [
      'the drain is over its limit',
      changed(
        { probe: probe('run-1', { queries: [{ id: 'q', user: 'ana' }] }) },
        {
          drain: {
            run: runId('run-1'),
            beganAt: T0 - MINUTE,
            until: T0,
            queries: [{ id: 'q', user: 'ana' }],
          },
        },
      ),
      ['open-attempt', 'restart'],
      /catalogs changed/,
    ],
    [
      'the attempt is on disk and the job was never sent',
      changed(
        {},
        {
          attempt: attempt(),
          drain: { run: runId('run-1'), beganAt: T0 - 1, until: T0 + MINUTE, queries: null },
        },
      ),
      ['restart'],
      /catalogs changed/,
    ],
    [
      'a run on an unproven fingerprint without attempt',
      proving({}, { attempt: null }),
      ['open-attempt'],
      /was found/,
    ],
    [
      'it died and its supervisor starts it again',
      changed({ run: run(null, { state: 'starting' }), probe: null }),
      [],
      /supervisor starts it again/,
    ],
  ]);
});

describe('proving', () => {
  const serving = { run: runId('run-2'), at: T0 - 10 * SECOND };
  rows([
    ['it is starting', proving(), [], /waiting until it is serving: starting/, T0 + 170 * SECOND],
    ['it serves', proving({ probe: probe('run-2') }), ['serve'], /is serving/],
    [
      'the old run still serves: it says nothing',
      proving(
        { run: run('run-1'), probe: probe('run-1') },
        {
          run: { id: runId('run-1'), startedAt: T0 },
          job: { kind: 'restart', cause: 'catalog', sentAt: T0 - SECOND, replaces: runId('run-1') },
        },
      ),
      [],
      /waiting until it is serving$/,
    ],
    [
      'the machine was off, and the deadline passed meanwhile: tried anew, not condemned',
      proving(
        { run: run(null), started: null, probe: null, bootId: 'boot-2' },
        { attempt: attempt({ proveBy: T0 - 60 * MINUTE }) },
      ),
      ['close-attempt'],
      /ended with the machine/,
    ],
    [
      'it ended by itself and is down when the deadline passes: condemned',
      proving(
        { run: { ...DOWN, lastExit: exit({ at: T0 - 5 * MINUTE }) }, probe: null },
        { attempt: attempt({ proveBy: T0 - SECOND }), countedExit: runId('run-2') },
      ),
      ['quarantine'],
      /not running/,
    ],
    [
      'it serves and must stay up',
      proving({ probe: probe('run-2') }, { attempt: attempt({ serving, stableUntil: T0 + 20 * SECOND }) }),
      [],
      /stable time/,
      T0 + 20 * SECOND,
    ],
    [
      'it stayed up',
      proving({ probe: probe('run-2') }, { attempt: attempt({ serving, stableUntil: T0 }) }),
      ['prove'],
      /B1 is proven/,
    ],
    [
      'it ended in the stable time',
      proving(
        { run: run('run-3') },
        {
          attempt: attempt({ serving, stableUntil: T0 + 1 }),
          exits: [exit()],
          run: { id: runId('run-3'), startedAt: T0 },
        },
      ),
      ['quarantine'],
      /ended within the stable time/,
    ],
    [
      'it ended once before it served',
      proving({}, { exits: [exit({ run: runId('run-x') })] }),
      [],
      /waiting/,
    ],
    [
      'it ended twice before it served',
      proving({}, { exits: [exit({ run: runId('x') }), exit({ run: runId('y') })] }),
      ['quarantine'],
      /ended twice/,
    ],
    [
      'the engine refuses a catalog',
      proving({
        refusedCatalog: {
          run: runId('run-2'),
          catalog: 'shop',
          place: 'catalog/shop.properties:2',
          message: 'unused property',
        },
      }),
      ['quarantine'],
      /refuses catalog shop \(catalog\/shop.properties:2\): unused property/,
    ],
    [
      'it ended twice and the engine says why',
      proving(
        { startFailure: { ...PORT_TAKEN, isOfHost: false } },
        { exits: [exit({ run: runId('x') }), exit({ run: runId('y') })] },
      ),
      ['quarantine'],
      /ended twice before it was serving: .*: Failed to bind to \/127.0.0.1:8989; end it/,
    ],
    [
      'it ended twice for a fault of the machine: no configuration is to blame',
      proving(
        { startFailure: PORT_TAKEN },
        { exits: [exit({ run: runId('x') }), exit({ run: runId('y') })] },
      ),
      ['back-off', 'stop'],
      /the machine looks sick: Failed to bind/,
    ],
    [
      'its time is over for a fault of the machine',
      proving({ startFailure: PORT_TAKEN }, { attempt: attempt({ proveBy: T0 - 1 }) }),
      ['back-off', 'stop'],
      /the machine looks sick: Failed to bind/,
    ],
    [
      'the run before refused a catalog',
      proving({ refusedCatalog: { run: runId('run-1'), catalog: 'shop', place: null, message: '' } }),
      [],
      /waiting/,
    ],
    [
      'its time is over and one look is missing',
      proving({ probe: null }, { attempt: attempt({ proveBy: T0 - 1 }) }),
      [],
      /one last look/,
    ],
    [
      'its time is over',
      proving({}, { attempt: attempt({ proveBy: T0 - 1 }) }),
      ['quarantine'],
      /not serving in time: starting/,
    ],
    [
      'its time is over and a catalog is missing',
      proving(
        { probe: probe('run-2', { state: 'started', missingCatalogs: ['shop'] }) },
        { attempt: attempt({ proveBy: T0 }) },
      ),
      ['quarantine'],
      /does not list shop/,
    ],
    [
      'its time is over and it is the proven fingerprint: the machine is sick',
      atRest(
        { probe: probe('run-1', { state: 'starting', message: 'starting' }) },
        { attempt: attempt({ digest: A1.digest, fingerprint: A1.fingerprint, replaces: null, proveBy: T0 }) },
      ),
      ['back-off', 'stop'],
      /machine looks sick/,
    ],
    [
      'the machine was at fault for what nobody has proven: the next try waits',
      proving({ run: DOWN }, { attempt: null, sick: sickOf(T0 + MINUTE) }),
      [],
      /tried later/,
    ],
    [
      'the machine was at fault, and it is time to try again',
      proving({ run: DOWN }, { attempt: null, sick: sickOf(T0) }),
      ['open-attempt', 'start'],
      /start/,
    ],
  ]);
});

describe('falling back', () => {
  rows([
    [
      'the failed release is live',
      proving({}, { attempt: null, quarantined: [quarantined] }),
      ['publish'],
      /A1 goes live/,
    ],
    [
      'the proven release is live, the failed one runs: no spacing, no drain',
      proving(
        {
          intent: { release: A1, phase: 'published' },
          probe: probe('run-2', { queries: [{ id: 'q', user: 'ana' }] }),
        },
        {
          attempt: null,
          quarantined: [quarantined],
          job: { kind: 'restart', cause: 'catalog', sentAt: T0 - SECOND, replaces: runId('run-1') },
        },
      ),
      ['open-attempt', 'restart'],
      /last proven/,
    ],
    [
      'the rollback is under way, between the end of the failed run and the start of the next: not a second restart',
      proving(
        {
          intent: { release: A1, phase: 'published' },
          run: { ...run(null), state: 'starting', lastExit: exit({ at: T0 - SECOND, isExpected: true }) },
          probe: null,
        },
        {
          attempt: attempt({ digest: A1.digest, fingerprint: A1.fingerprint, replaces: runId('run-2') }),
          quarantined: [quarantined],
          job: { kind: 'restart', cause: 'rollback', sentAt: T0 - 3 * SECOND, replaces: runId('run-2') },
        },
      ),
      [],
      /waiting until it is serving|starts it again/,
    ],
    [
      'the failed run died by itself before it could be replaced: a restart, not the slow start by itself',
      proving(
        {
          intent: { release: A1, phase: 'published' },
          run: { ...run(null), state: 'starting', lastExit: exit({ at: T0 - SECOND }) },
          probe: null,
        },
        {
          attempt: null,
          quarantined: [quarantined],
          countedExit: runId('run-2'),
          job: { kind: 'restart', cause: 'catalog', sentAt: T0 - 30 * SECOND, replaces: runId('run-1') },
        },
      ),
      ['open-attempt', 'restart'],
      /last proven/,
    ],
    [
      'back on what was proven, until it is time to try again',
      atRest({ candidate: candidate(B1), store: [A1, B1] }, { desired: B1, quarantined: [quarantined] }),
      [],
      /tried again later/,
      T0 + MINUTE,
    ],
    [
      'it is time to try again',
      atRest(
        { candidate: candidate(B1), store: [A1, B1] },
        { desired: B1, quarantined: [{ ...quarantined, retryAt: T0 }] },
      ),
      ['retry'],
      /tried again/,
    ],
    [
      'something else is wanted',
      atRest({}, { quarantined: [quarantined] }),
      ['forget-quarantine'],
      /no longer wanted/,
    ],
    [
      'nothing was ever proven',
      proving({}, { attempt: null, proven: null, quarantined: [quarantined] }),
      ['stop'],
      /none to fall back on/,
    ],
    [
      'a later release with the same fault: its metaschemas on the proven catalogs',
      atRest(
        { candidate: candidate(release('B2')), store: [A1, B1, release('B2')], composite: A2 },
        { desired: release('B2'), quarantined: [quarantined] },
      ),
      ['store'],
      /newest metaschemas go live on the proven catalogs/,
    ],
  ]);
});

describe('what happened to the process', () => {
  rows([
    [
      'it ended by itself',
      atRest({ run: run(null, { state: 'starting', lastExit: exit({ run: runId('run-1') }) }) }),
      ['count-exit'],
      /ended: status 1/,
    ],
    [
      'it ended because we asked',
      atRest({ run: run(null, { state: 'stopping', lastExit: exit({ isExpected: true }) }) }),
      [],
      /stopping/,
    ],
    [
      'its end was counted',
      atRest(
        { run: run(null, { state: 'starting', lastExit: exit() }), probe: null },
        { countedExit: runId('run-2'), exits: [exit()] },
      ),
      [],
      /nothing to do/,
    ],
    ['a new run began', atRest({ run: run('run-2') }), ['see-run'], /new run/],
    [
      'five exits of what was proven',
      atRest({}, { exits: [1, 2, 3, 4, 5].map((n) => exit({ run: runId(`x${n}`), at: T0 - n * SECOND })) }),
      ['back-off', 'stop'],
      /5 exits in ten minutes/,
    ],
    [
      'five exits long ago',
      atRest({}, { exits: [1, 2, 3, 4, 5].map((n) => exit({ run: runId(`x${n}`), at: T0 - 11 * MINUTE })) }),
      [],
      /nothing to do/,
    ],
  ]);
});

describe('requests', () => {
  const request = { kind: 'restart', id: 'r1', by: 'op', reason: '', requestedAt: T0, isNow: false } as const;
  const accepted = {
    ...request,
    acceptedAt: T0 - SECOND,
    after: runId('run-1'),
    isJobAhead: false,
    pidBefore: 1,
    servedBy: null,
    failure: null,
  };
  const settled = { group: { name: 'g', markAt: T0 }, isUnreachable: false, isPending: false, settledAt: T0 };
  rows([
    ['a restart is asked for', atRest({ requests: [request] }), ['accept-request'], /1 request taken in/],
    [
      'a pause refuses it',
      atRest({ requests: [request] }, { paused: { at: T0, by: 'op', reason: '', until: null } }),
      ['answer'],
      /taken in/,
    ],
    [
      'the source has not been looked at since',
      atRest({ source: { ...settled, settledAt: T0 - MINUTE } }, { requests: [accepted] }),
      [],
      /looking at the source first/,
      T0 + 59 * SECOND,
    ],
    [
      'the source is settled',
      atRest({ source: settled }, { requests: [{ ...accepted, isNow: true }] }),
      ['open-attempt', 'restart'],
      /asked for/,
    ],
    [
      'no look has shown yet what it would kill',
      atRest(
        { source: settled, probe: probe('run-1', { at: T0 - MINUTE }) },
        { requests: [{ ...accepted, isNow: true, acceptedAt: T0 }] },
      ),
      [],
      /looking which queries run/,
      T0 + SECOND,
    ],
    [
      'the source cannot be read',
      atRest(
        { source: { ...settled, isUnreachable: true, settledAt: null } },
        { requests: [{ ...accepted, isNow: true }] },
      ),
      ['open-attempt', 'restart'],
      /asked for/,
    ],
    [
      'a later run serves',
      atRest({}, { requests: [{ ...accepted, servedBy: runId('run-1') }] }),
      ['answer'],
      /answered/,
    ],
    [
      'the run that serves it is not proven yet',
      proving(
        { probe: probe('run-2') },
        {
          attempt: attempt({ serving: { run: runId('run-2'), at: T0 }, stableUntil: T0 + SECOND }),
          requests: [{ ...accepted, servedBy: runId('run-2') }],
        },
      ),
      [],
      /stable time/,
    ],
    [
      'another snapshot is named than the one that is held',
      atRest({
        requests: [
          {
            kind: 'allow',
            id: 'a',
            by: 'op',
            reason: '',
            requestedAt: T0,
            hold: 'exposure',
            snapshot: snapshotId('x'),
            paths: [],
          },
        ],
      }),
      ['answer'],
      /taken in/,
    ],
  ]);
});

it('a plan is plain data: it survives JSON', () => {
  for (const of of [atRest(), changed(), proving(), observed({ memory: memory() })]) {
    const made = plan(of, T0);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  }
});
