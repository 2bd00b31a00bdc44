/** One walk for every trouble that a source can be in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FaultProxy } from './fault-proxy.ts';
import { FILES, findCondition, findEvents, metaschemaOf, ORDERS, startProven } from './rows.ts';

/** Makes the trouble, tells how often the agent ran into it (null: cannot be counted), and ends it. */
export type Trouble = (proxy: FaultProxy) => Going | Promise<Going>;

interface Going {
  readonly countTries: (() => number) | null;
  end(): Promise<void>;
}

const WATCHED_MS = 1_500;
/** Two kinds of calls, each with pauses of at least 0.5, 1 and 2 s; polls alone would be 15 in that time. */
const MOST_TRIES = 8;

/**
 * A metaschema is synced while the source is in trouble. Expects that live etc stays, that the condition has this
 * reason, that tries become rare, and that the change goes live by itself once the trouble is over.
 */
export async function expectToOutlive(trouble: Trouble, reason: string): Promise<void> {
  const rig = await startProven();
  const { proxy } = rig;
  if (proxy === null) throw new Error('this rig has no proxy');
  const { agent, analytics } = await rig.waitForProven();
  const before = await rig.live();
  const watcher = await rig.watchLive();
  const going = await trouble(proxy);
  const snapshot = await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase') });

  const away = await rig.waitFor(
    (status) => findCondition(status, 'SourceReachable')?.status === 'False',
    40_000,
  );
  const condition = findCondition(away, 'SourceReachable');
  expect(condition).toMatchObject({ reason });
  expect(condition?.message).not.toBe('');
  expect(away.source.error).not.toBeNull();
  const triesBefore = going.countTries?.() ?? 0;
  await sleep(WATCHED_MS);
  expect((going.countTries?.() ?? 0) - triesBefore).toBeLessThanOrEqual(MOST_TRIES);
  expect(watcher.states).toEqual([before]);
  const still = rig.status();
  const { status, lastTransitionTime } = condition ?? {};
  expect(findCondition(still, 'SourceReachable')).toMatchObject({ status, reason, lastTransitionTime });
  expect(findCondition(still, 'Healthy')).toMatchObject({ status: 'True' });

  await going.end();
  const back = await rig.waitForProven(snapshot, 60_000);
  expect(findCondition(back, 'SourceReachable')).toMatchObject({ status: 'True' });
  expect(back.source.error).toBeNull();
  expect((await rig.live()).get(ORDERS)).toBe(metaschemaOf('purchase'));
  expect(back.agent.pid).toBe(agent.pid);
  expect(back.analytics.pid).toBe(analytics.pid);
  expect(rig.engineStarts()).toHaveLength(1);
  expect(findEvents(rig, 'source.recovered').length).toBeGreaterThan(0);
}
