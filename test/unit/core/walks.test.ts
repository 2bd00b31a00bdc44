/** The walks of the design, one after the other: a situation, and what must happen. */
import { describe, expect, it } from 'vitest';
import { candidate, MINUTE, release, SECOND, snapshotId, T0 } from '../../fakes/builders.ts';
import type { Behaviour } from '../../fakes/plan-engine.ts';
import { createPlanWorld, type PlanWorld } from '../../fakes/plan-world.ts';

const A1 = release('A1');

/** A world in which A1 is proven and a minute of spacing has passed. */
function worldAtRest(behaviour: Record<string, Behaviour> = {}): PlanWorld {
  const world = createPlanWorld({ behaviour });
  world.offer(candidate(A1));
  world.pass(5 * MINUTE);
  expect(world.memory().proven?.digest).toBe('A1');
  world.events.length = 0;
  world.starts.length = 0;
  return world;
}

const offer = (world: PlanWorld, name: string, overrides: Parameters<typeof candidate>[1] = {}) =>
  world.offer(candidate(release(name), overrides));

const startsOf = (world: PlanWorld) => world.starts.map(({ digest, cause }) => `${digest} ${cause}`);

describe('starting', () => {
  it('first boot with configuration: published, started, serving, proven', () => {
    const world = createPlanWorld();
    world.offer(candidate(A1));
    world.settle();
    expect(world.events).toEqual([
      'move-group',
      'store',
      'adopt',
      'publish',
      'open-attempt',
      'start',
      'see-run',
    ]);
    world.pass(MINUTE);
    expect(world.memory().proven?.digest).toBe('A1');
    expect(startsOf(world)).toEqual(['A1 first-start']);
    expect(world.settle()).toEqual({ actions: [], reason: 'nothing to do', wakeAt: null });
  });

  it('first boot, S3 away, empty disk: not started, says so, and starts by itself when S3 answers', () => {
    const world = createPlanWorld();
    world.source({ isUnreachable: true });
    expect(world.pass(10 * MINUTE).reason).toBe('no configuration yet');
    expect(world.starts).toEqual([]);
    world.source({ isUnreachable: false });
    world.offer(candidate(A1));
    world.pass(MINUTE);
    expect(world.memory().proven?.digest).toBe('A1');
  });

  it('boot with S3 away and a proven release on disk: runs from disk', () => {
    const world = worldAtRest();
    world.reboot();
    world.offer(null);
    world.source({ isUnreachable: true });
    world.pass(MINUTE);
    expect(startsOf(world)).toEqual(['A1 boot']);
    expect(world.engine().isServing).toBe(true);
  });

  it('a fresh instance with a saved baseline starts it without an answer of the source', () => {
    const world = createPlanWorld();
    world.offer(candidate(A1));
    world.settle();
    world.offer(null);
    world.change({ memory: { ...world.memory(), desired: null, proven: A1, attempt: null } });
    world.pass(MINUTE);
    expect(world.engine().isServing).toBe(true);
  });

  it('first catalog ever refused by the engine: quarantined and stopped; the next fingerprint at once', () => {
    const world = createPlanWorld({ behaviour: { A: 'refuses' } });
    world.offer(candidate(A1));
    expect(world.pass(MINUTE).reason).toContain('none to fall back on');
    expect(world.memory().quarantined).toMatchObject([{ fingerprint: 'A', kind: 'catalog', retryAt: null }]);
    expect(world.engine().state).toBe('stopped');
    const failedAt = world.now();
    offer(world, 'B1');
    world.settle();
    expect(world.starts.at(-1)).toMatchObject({ digest: 'B1', at: failedAt });
    world.pass(MINUTE);
    expect(world.memory().proven?.digest).toBe('B1');
    expect(world.memory().quarantined).toEqual([]);
  });

  it('first boot with an empty prefix: not started, says so, and starts when a catalog comes', () => {
    const world = createPlanWorld();
    world.offer(candidate(release('N1', { catalogs: [] })));
    expect(world.pass(10 * MINUTE).reason).toBe('the configuration has no catalog');
    expect(world.starts).toEqual([]);
    offer(world, 'A1');
    world.pass(MINUTE);
    expect(startsOf(world)).toEqual(['A1 first-start']);
    expect(world.memory().proven?.digest).toBe('A1');
  });

  it('a person agreed to lose every catalog: the process is stopped, and is back with the next catalog', () => {
    const world = worldAtRest();
    world.offer(candidate(release('N1', { catalogs: [] })));
    expect(world.pass(10 * MINUTE).reason).toBe('the configuration has no catalog');
    expect(world.live()).toBe('N1');
    expect(world.engine().state).toBe('stopped');
    offer(world, 'A1');
    world.pass(MINUTE);
    expect(world.engine().isServing).toBe(true);
  });

  it('while paused, a configuration without a catalog stops nothing', () => {
    const world = worldAtRest();
    world.pause(null);
    world.offer(candidate(release('N1', { catalogs: [] })));
    world.pass(10 * MINUTE);
    expect(world.engine().isServing).toBe(true);
    world.resume();
    world.pass(MINUTE);
    expect(world.engine().state).toBe('stopped');
  });

  it('too little memory: nothing is started, the files go live', () => {
    const world = createPlanWorld();
    world.memorySufficient(false);
    world.offer(candidate(A1));
    expect(world.pass(MINUTE).reason).toBe('too little memory for the analytics process');
    expect(world.starts).toEqual([]);
    expect(world.live()).toBe('A1');
  });
});

describe('changes', () => {
  it('a metaschema change is live without a restart, and proven after the quiet time', () => {
    const world = worldAtRest();
    offer(world, 'A2');
    world.settle();
    expect(world.live()).toBe('A2');
    world.pass(74 * SECOND);
    expect(world.memory().proven?.digest).toBe('A1');
    world.pass(2 * SECOND);
    expect(world.memory().proven?.digest).toBe('A2');
    expect(world.starts).toEqual([]);
  });

  it('a catalog change is one restart, proven', () => {
    const world = worldAtRest();
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    expect(startsOf(world)).toEqual(['B1 catalog']);
    expect(world.memory().proven?.digest).toBe('B1');
  });

  it('ten catalog changes in a burst are two restarts', () => {
    const world = worldAtRest();
    for (const name of ['B1', 'C1', 'D1', 'E1', 'F1', 'G1', 'H1', 'I1', 'J1', 'K1']) {
      offer(world, name);
      world.pass(SECOND);
    }
    world.pass(10 * MINUTE);
    expect(startsOf(world)).toEqual(['B1 catalog', 'K1 catalog']);
    expect(world.memory().proven?.digest).toBe('K1');
  });

  it('a metaschema edit while the new catalogs start goes live at once and is proven in the end', () => {
    const world = worldAtRest();
    offer(world, 'B1');
    world.pass(5 * SECOND);
    offer(world, 'B2');
    world.settle();
    expect(world.live()).toBe('B2');
    world.pass(5 * MINUTE);
    expect(world.memory().proven?.digest).toBe('B2');
    expect(startsOf(world)).toEqual(['B1 catalog']);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'a group called %s is a group like any other',
    (group) => {
      const world = createPlanWorld();
      world.offer(candidate(release('A1', { group })));
      world.pass(5 * MINUTE);
      expect(world.memory().proven?.digest).toBe('A1');
      expect(world.settle().actions).toEqual([]);
    },
  );

  it('another group is a catalog change and is remembered', () => {
    const world = worldAtRest();
    world.offer(candidate(release('B1', { group: 'other' }), { origin: { at: T0 + 1, by: 'ci' } }));
    world.pass(5 * MINUTE);
    expect(world.memory().group?.name).toBe('other');
    expect(world.memory().baselines).toEqual({ g: 'A1', other: 'B1' });
    expect(startsOf(world)).toEqual(['B1 catalog']);
  });
});

describe('what is broken or waits for a person', () => {
  it('a refused snapshot changes nothing but is named, until the next good one', () => {
    const world = worldAtRest();
    const issue = {
      code: 'EDN_UNBALANCED',
      severity: 'error',
      path: 'datomic/a.edn',
      line: 3,
      column: 1,
      message: 'never closed',
      hint: 'add one }',
    } as const;
    offer(world, 'X1', { release: null, issues: [issue] });
    world.pass(MINUTE);
    expect(world.events).toEqual(['refuse']);
    expect(world.memory().refused).toMatchObject({ snapshot: 'snapshot-X1', issues: [issue] });
    offer(world, 'A2');
    world.pass(MINUTE);
    expect(world.memory().refused).toBeNull();
    expect(world.live()).toBe('A2');
  });

  it('kept files: the rest goes live, the hold is remembered and goes when they come back', () => {
    const world = worldAtRest();
    offer(world, 'B1', { kept: ['datomic/a.edn'] });
    world.pass(5 * MINUTE);
    expect(world.memory().kept.g).toMatchObject({ paths: ['datomic/a.edn'], from: 'B1' });
    expect(world.memory().proven?.digest).toBe('B1');
    offer(world, 'B2');
    world.settle();
    expect(world.memory().kept).toEqual({});
  });

  it('exposure is held: the release waits, and a crash brings the old list back', () => {
    const world = worldAtRest();
    offer(world, 'B1', { widened: [{ path: 'catalog/shop.properties', reason: 'every database' }] });
    world.pass(MINUTE);
    expect(world.memory().exposure?.snapshot).toBe('snapshot-B1');
    world.crash();
    world.pass(MINUTE);
    expect(world.starts).toMatchObject([{ digest: 'A1', cause: 'automatic' }]);
    expect(world.live()).toBe('A1');
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    expect(world.memory().exposure).toBeNull();
    expect(world.memory().proven?.digest).toBe('B1');
  });
});

describe('rolling back', () => {
  it.each([
    ['refuses', 'catalog'],
    ['exits', 'exit'],
    ['never-serves', 'timeout'],
    ['dies-when-stable-is-near', 'exit'],
    ['hides-a-catalog', 'catalog'],
  ] as const)('a catalog change after which the engine %s is rolled back and quarantined', (how, kind) => {
    const world = worldAtRest({ B: how });
    offer(world, 'B1');
    world.pass(4 * MINUTE);
    expect(world.live()).toBe('A1');
    expect(world.engine().isServing).toBe(true);
    expect(world.memory().quarantined).toMatchObject([
      { fingerprint: 'B', digest: 'B1', kind, log: ['last line'] },
    ]);
    expect(startsOf(world).at(-1)).toBe('A1 rollback');
    expect(world.memory().proven?.digest).toBe('A1');
  });

  it('a run of other catalogs, begun by the supervisor, proves nothing about the release of the attempt', () => {
    const world = createPlanWorld({ behaviour: { B: 'exits' } });
    offer(world, 'B1');
    world.settle();
    world.offer(candidate(A1));
    world.pass(MINUTE);
    expect(world.starts.at(-1)).toMatchObject({ digest: 'A1', cause: 'automatic' });
    expect(world.memory().proven?.digest).toBe('A1');
  });

  it('the next fingerprint after a rollback is tried at once', () => {
    const world = worldAtRest({ B: 'refuses' });
    offer(world, 'B1');
    world.pass(30 * SECOND);
    expect(startsOf(world).at(-1)).toBe('A1 rollback');
    offer(world, 'C1');
    world.settle();
    expect(startsOf(world).at(-1)).toBe('C1 catalog');
  });

  it('a metaschema edit on top of the bad catalog goes live on the proven catalogs, no restart', () => {
    const world = worldAtRest({ B: 'refuses' });
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    const starts = world.starts.length;
    offer(world, 'B7');
    world.pass(5 * MINUTE);
    expect(world.live()).toBe('A7');
    expect(world.memory().proven?.digest).toBe('A7');
    expect(world.starts).toHaveLength(starts);
    expect(world.memory().quarantined).toHaveLength(1);
  });

  it('the source goes back to the proven files: nothing to do, the entry is dropped', () => {
    const world = worldAtRest({ B: 'refuses' });
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    world.events.length = 0;
    world.offer(candidate(A1));
    world.pass(MINUTE);
    expect(world.events).toEqual(['adopt', 'forget-quarantine']);
    expect(world.memory().quarantined).toEqual([]);
  });

  it('a mere time-out is tried again after 5, 15 and 60 minutes, then waits for a person', () => {
    const world = worldAtRest({ B: 'never-serves' });
    offer(world, 'B1');
    world.pass(3 * 60 * MINUTE);
    expect(world.starts.filter(({ digest }) => digest === 'B1')).toHaveLength(4);
    expect(world.memory().quarantined).toMatchObject([{ kind: 'timeout', retryAt: null, tries: 4 }]);
    world.behaviour.B = 'serves';
    world.retry();
    world.pass(5 * MINUTE);
    expect(world.memory().proven?.digest).toBe('B1');
  });

  it('three exits after a metaschema change roll it back and quarantine its digest', () => {
    const world = worldAtRest();
    offer(world, 'A2');
    world.settle();
    for (let exits = 0; exits < 3; exits += 1) {
      world.pass(30 * SECOND);
      world.crash();
    }
    world.pass(MINUTE);
    expect(world.live()).toBe('A1');
    expect(world.memory().quarantined).toMatchObject([{ fingerprint: null, digest: 'A2' }]);
    world.pass(30 * MINUTE);
    expect(world.live()).toBe('A1');
  });

  it('out-of-memory exits after a metaschema change do not condemn it', () => {
    const world = worldAtRest();
    offer(world, 'A2');
    world.settle();
    for (let exits = 0; exits < 3; exits += 1) {
      world.pass(30 * SECOND);
      world.crash('jvm-oom');
    }
    world.pass(5 * MINUTE);
    expect(world.memory().proven?.digest).toBe('A2');
  });
});

describe('drift, crash and stop', () => {
  it('a live file changed by hand is put right', () => {
    const world = worldAtRest();
    world.change({ drift: ['catalog/shop.properties'] });
    expect(world.settle().actions).toEqual([]);
    expect(world.events).toEqual(['publish']);
  });

  it('a crash of a proven configuration is counted; the supervisor brings it back', () => {
    const world = worldAtRest();
    world.crash();
    world.pass(MINUTE);
    expect(world.memory().exits).toHaveLength(1);
    expect(world.engine().isServing).toBe(true);
    expect(world.events).toEqual(['count-exit', 'see-run']);
  });

  it('stopped by hand: started again', () => {
    const world = worldAtRest();
    world.stopByHand();
    world.pass(MINUTE);
    expect(startsOf(world)).toEqual(['A1 stopped']);
    expect(world.engine().isServing).toBe(true);
  });

  it('five exits in ten minutes of what was proven: stopped, then started at growing intervals', () => {
    const world = worldAtRest();
    for (let exits = 0; exits < 5; exits += 1) {
      world.crash();
      world.pass(20 * SECOND);
    }
    expect(world.memory().sick).toMatchObject({ step: 0, isStopped: true });
    expect(world.engine().state).toBe('stopped');
    expect(world.memory().quarantined).toEqual([]);
    world.pass(MINUTE);
    expect(world.engine().isServing).toBe(true);
    world.crash();
    world.pass(SECOND);
    expect(world.memory().sick).toMatchObject({ step: 1, isStopped: true });
    world.pass(30 * MINUTE);
    expect(world.memory().sick).toBeNull();
    expect(world.engine().isServing).toBe(true);
  });

  it('a run that the supervisor began from a release just published is adopted as an attempt', () => {
    const world = worldAtRest();
    world.change({ queries: [{ id: 'q1', user: 'ana' }] });
    offer(world, 'B1');
    world.pass(2 * SECOND);
    world.crash();
    world.pass(5 * MINUTE);
    expect(startsOf(world)).toEqual(['B1 automatic']);
    expect(world.memory().proven?.digest).toBe('B1');
  });
});

describe('draining', () => {
  it('waits for the queries that ran when it began, not for newer ones, which it kills and names', () => {
    const world = worldAtRest();
    world.change({ queries: [{ id: 'q1', user: 'ana' }] });
    offer(world, 'B1');
    world.pass(10 * SECOND);
    expect(world.starts).toEqual([]);
    world.change({ queries: [{ id: 'q2', user: 'ben' }] });
    world.pass(2 * SECOND);
    expect(startsOf(world)).toEqual(['B1 catalog']);
    expect(world.memory().lastRestart?.queriesKilled).toEqual([{ id: 'q2', user: 'ben' }]);
  });

  it('ends at its limit and names what it killed', () => {
    const world = worldAtRest();
    world.change({ queries: [{ id: 'q1', user: 'ana' }] });
    offer(world, 'B1');
    world.pass(59 * SECOND);
    expect(world.starts).toEqual([]);
    world.pass(3 * SECOND);
    expect(startsOf(world)).toEqual(['B1 catalog']);
    expect(world.memory().lastRestart).toMatchObject({ queriesKilled: [{ id: 'q1', user: 'ana' }] });
    expect(world.memory().lastRestart?.drainMs).toBeGreaterThanOrEqual(60 * SECOND);
  });

  it('a rollback skips drain and spacing', () => {
    const world = worldAtRest({ B: 'hides-a-catalog' });
    offer(world, 'B1');
    world.pass(SECOND);
    world.change({ queries: [{ id: 'q1', user: 'ana' }] });
    world.pass(183 * SECOND);
    expect(startsOf(world)).toEqual(['B1 catalog', 'A1 rollback']);
  });
});

describe('requests', () => {
  it('a restart request is one restart and one answer', () => {
    const world = worldAtRest();
    world.request('r1');
    world.pass(2 * MINUTE);
    expect(startsOf(world)).toEqual(['A1 request']);
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'done' }]);
  });

  it('a catalog change while a request waits: one restart serves both, answered when proven', () => {
    const world = worldAtRest();
    world.source({ isPending: false });
    world.request('r1');
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    expect(startsOf(world)).toEqual(['B1 catalog']);
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'done' }]);
  });

  it('a request after the restart job went out is served by a second run, after spacing', () => {
    const world = worldAtRest();
    world.request('r1');
    world.pass(0);
    const first = world.starts.length;
    expect(first).toBe(1);
    world.request('r2');
    world.pass(5 * MINUTE);
    expect(startsOf(world)).toEqual(['A1 request', 'A1 request']);
    const [one, two] = world.starts;
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThanOrEqual(60 * SECOND);
    expect(world.answers.map(({ id }) => id)).toEqual(['r1', 'r2']);
  });

  it('ten requests at once are one restart', () => {
    const world = worldAtRest();
    for (let n = 0; n < 10; n += 1) world.request(`r${n}`);
    world.pass(5 * MINUTE);
    expect(world.starts).toHaveLength(1);
    expect(world.answers).toHaveLength(10);
  });

  it('the process dies by itself between acceptance and restart: that run serves the request', () => {
    const world = worldAtRest();
    world.change({ queries: [{ id: 'q1', user: 'ana' }] });
    world.request('r1');
    world.pass(2 * SECOND);
    world.crash();
    world.pass(5 * MINUTE);
    expect(startsOf(world)).toEqual(['A1 automatic']);
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'done' }]);
  });

  it('a restart onto a configuration that is rolled back answers failed, with the reason', () => {
    const world = worldAtRest({ B: 'refuses' });
    world.request('r1');
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'failed' }]);
    expect(world.answers[0]?.reason).toContain('rolled back');
  });

  it('a restart after which the proven configuration does not come back answers failed', () => {
    const world = worldAtRest();
    world.behaviour.A = 'never-serves';
    world.request('r1');
    world.pass(5 * MINUTE);
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'failed' }]);
    expect(world.answers[0]?.reason).toMatch(/^not serving in time: .*, or now: gatewayctl retry$/);
    world.behaviour.A = 'serves';
    world.pass(30 * MINUTE);
    expect(world.engine().isServing).toBe(true);
  });

  it('a restart for which memory got too little since it was taken in fails, with the reason', () => {
    const world = worldAtRest();
    world.change({ queries: [{ id: 'q1', user: 'ana' }] });
    world.request('r1');
    world.pass(SECOND);
    world.memorySufficient(false);
    world.settle();
    expect(world.answers).toMatchObject([
      { id: 'r1', outcome: 'failed', reason: 'too little memory for the analytics process' },
    ]);
  });

  it('without a configuration a request fails at once', () => {
    const world = createPlanWorld();
    world.request('r1');
    world.settle();
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'failed' }]);
  });
});

describe('other requests', () => {
  const asked = (id: string) => ({ id, by: 'op', reason: 'asked', requestedAt: T0 });
  const held = [{ path: 'catalog/shop.properties', reason: 'every database' }];

  it('allow lifts the hold of exactly the snapshot that it names', () => {
    const world = worldAtRest();
    offer(world, 'B1', { widened: held });
    world.settle();
    world.ask({
      ...asked('a1'),
      kind: 'allow',
      hold: 'exposure',
      snapshot: snapshotId('snapshot-older'),
      paths: [],
    });
    world.settle();
    expect(world.answers.at(-1)).toMatchObject({ id: 'a1', outcome: 'refused' });
    world.ask({
      ...asked('a2'),
      kind: 'allow',
      hold: 'exposure',
      snapshot: snapshotId('snapshot-B1'),
      paths: [],
    });
    expect(() => world.settle()).not.toThrow();
    expect(world.answers.at(-1)).toMatchObject({ id: 'a2', outcome: 'done' });
    expect(world.events).toContain('acknowledge');
  });

  it('allow deletion names the newest snapshot that lacks the files, not an older one', () => {
    const world = worldAtRest();
    offer(world, 'A2', { kept: ['datomic/a.edn'] });
    world.settle();
    offer(world, 'A3', { kept: ['datomic/a.edn'] });
    world.settle();
    const allow = { kind: 'allow', hold: 'deletion', paths: [] } as const;
    world.ask({ ...asked('a1'), ...allow, snapshot: snapshotId('snapshot-A2') });
    world.settle();
    expect(world.answers.at(-1)).toMatchObject({ id: 'a1', outcome: 'refused' });
    world.ask({ ...asked('a2'), ...allow, snapshot: snapshotId('snapshot-A3') });
    world.settle();
    expect(world.answers.at(-1)).toMatchObject({ id: 'a2', outcome: 'done' });
  });

  it('allow is done also when its acknowledgement is known: killed before the answer, or asked twice', () => {
    const world = worldAtRest();
    const snapshot = snapshotId('snapshot-B1');
    const yes = { kind: 'exposure', snapshot, paths: held, at: T0, by: 'op' } as const;
    offer(world, 'B1', { acknowledgements: [yes] });
    world.settle();
    expect(world.memory().exposure).toBeNull();
    world.ask({ ...asked('a1'), kind: 'allow', hold: 'exposure', snapshot, paths: [] });
    world.settle();
    expect(world.answers.at(-1)).toMatchObject({ id: 'a1', outcome: 'done' });
    world.ask({ ...asked('a2'), kind: 'allow', hold: 'deletion', snapshot, paths: [] });
    world.settle();
    expect(world.answers.at(-1)).toMatchObject({ id: 'a2', outcome: 'refused' });
  });

  it('retry tries what is quarantined again at once', () => {
    const world = worldAtRest({ B: 'refuses' });
    offer(world, 'B1');
    world.pass(5 * MINUTE);
    world.behaviour.B = 'serves';
    world.ask({ ...asked('t1'), kind: 'retry' });
    world.pass(5 * MINUTE);
    expect(world.memory().proven?.digest).toBe('B1');
    expect(world.answers).toMatchObject([{ id: 't1', outcome: 'done' }]);
  });

  it('pause and resume are answered at once', () => {
    const world = worldAtRest();
    world.ask({ ...asked('p1'), kind: 'pause', forMs: MINUTE });
    world.settle();
    expect(world.memory().paused).toMatchObject({ by: 'op', until: world.now() + MINUTE });
    world.ask({ ...asked('p2'), kind: 'resume' });
    world.settle();
    expect(world.memory().paused).toBeNull();
    expect(world.answers).toMatchObject([
      { id: 'p1', outcome: 'done' },
      { id: 'p2', outcome: 'done' },
    ]);
  });

  it('poll is answered by a listing that began after it, with its outcome', () => {
    const world = worldAtRest();
    world.ask({ ...asked('l1'), kind: 'poll' });
    world.pass(MINUTE);
    expect(world.answers).toMatchObject([{ id: 'l1', outcome: 'done', reason: 'up to date' }]);
    world.source({ isUnreachable: true });
    world.ask({ ...asked('l2'), kind: 'poll' });
    world.settle();
    expect(world.answers.at(-1)).toMatchObject({ id: 'l2', outcome: 'failed' });
  });
});

describe('a pause', () => {
  it('publishes and restarts nothing, then one restart', () => {
    const world = worldAtRest();
    world.pause(null);
    offer(world, 'B1');
    world.request('r1');
    world.pass(5 * MINUTE);
    expect(world.live()).toBe('A1');
    expect(world.starts).toEqual([]);
    expect(world.answers).toMatchObject([{ id: 'r1', outcome: 'refused', reason: 'paused' }]);
    world.resume();
    world.pass(5 * MINUTE);
    expect(startsOf(world)).toEqual(['B1 catalog']);
  });

  it('runs out by itself', () => {
    const world = worldAtRest();
    world.pause(world.now() + 10 * MINUTE);
    offer(world, 'B1');
    world.pass(9 * MINUTE);
    expect(world.live()).toBe('A1');
    world.pass(5 * MINUTE);
    expect(world.memory().proven?.digest).toBe('B1');
  });

  it('leaves an attempt that runs, with its rollback, alone', () => {
    const world = worldAtRest({ B: 'refuses' });
    offer(world, 'B1');
    world.settle();
    world.pause(null);
    world.pass(5 * MINUTE);
    expect(world.live()).toBe('A1');
    expect(world.engine().isServing).toBe(true);
  });
});

describe('a stop of the agent', () => {
  it('between intent and last rename: the publish is finished, not reported as drift', () => {
    const world = worldAtRest();
    offer(world, 'A2');
    world.stopAgentAt({ effect: 3, when: 'middle' });
    expect(() => world.settle()).toThrow();
    expect(world.intent()?.phase).toBe('publishing');
    world.stopAgentAt(null);
    world.events.length = 0;
    world.settle();
    expect(world.events[0]).toBe('publish');
    expect(world.live()).toBe('A2');
  });

  it('between restart and proof: the proof goes on with the old deadline, one look even if it passed', () => {
    const world = worldAtRest();
    offer(world, 'B1');
    world.pass(5 * SECOND);
    const proveBy = world.memory().attempt?.proveBy ?? 0;
    world.passWithoutAgent(10 * MINUTE);
    expect(world.now()).toBeGreaterThan(proveBy);
    world.pass(MINUTE);
    expect(world.memory().proven?.digest).toBe('B1');
    expect(world.starts).toHaveLength(1);
  });

  it('between restart and proof of what never serves: that one look is enough', () => {
    const world = worldAtRest({ B: 'never-serves' });
    offer(world, 'B1');
    world.pass(5 * SECOND);
    world.passWithoutAgent(10 * MINUTE);
    world.pass(SECOND);
    expect(world.memory().quarantined).toMatchObject([{ fingerprint: 'B', kind: 'timeout' }]);
    expect(world.live()).toBe('A1');
  });

  it('with the state lost: what the intent names is found running, kept, and proven anew', () => {
    const world = worldAtRest();
    world.change({ memory: { ...world.memory(), desired: null, proven: null, run: null, job: null } });
    world.pass(5 * MINUTE);
    expect(world.memory().proven?.digest).toBe('A1');
    expect(world.starts).toEqual([]);
    expect(world.memory().desired?.snapshot).toBe(snapshotId('snapshot-A1'));
  });
});
