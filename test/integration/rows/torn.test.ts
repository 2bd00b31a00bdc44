/** Half of something never goes live: objects that change during the read, and syncs that are not over. */
import { describe, expect, it } from 'vitest';
import { isGetOf, isListing, type ProxiedRequest } from '../../support/fault-proxy.ts';
import type { Rig } from '../../support/rig.ts';
import { isOneOf, type LiveState, listPrefixes } from '../../support/rig-live.ts';
import { createPendingManifest, type Files } from '../../support/rig-source.ts';
import {
  BILLING,
  CATALOG,
  FILES,
  findCondition,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
  waitForLive,
  waitUntil,
} from '../../support/rows.ts';

const AFTER = {
  [CATALOG]: `# changed\n${FILES[CATALOG]}`,
  [ORDERS]: metaschemaOf('purchase'),
  [BILLING]: metaschemaOf('receipt'),
  'datomic/new.edn': metaschemaOf('new'),
} satisfies Files;

/** Every state that was seen is a step of the way from what was live to what is. */
async function expectOnlySteps(rig: Rig, before: LiveState): Promise<void> {
  const watcher = await rig.watchLive();
  const allowed = listPrefixes(before, await rig.live());
  for (const state of watcher.states) expect(isOneOf(state, allowed), JSON.stringify([...state])).toBe(true);
}

describe('objects that are replaced during the read', () => {
  it.each<[moment: string, isMoment: (request: ProxiedRequest, isRead: boolean) => boolean]>([
    ['as each file is got', (request) => isGetOf('.edn')(request)],
    ['between the files and the listing after them', (request, isRead) => isRead && isListing(request)],
  ])('(%s) are not taken; what is whole at last goes live', async (_, isMoment) => {
    const rig = await startProven();
    const before = await rig.live();
    const watcher = await rig.watchLive();
    let replaced = 0;
    let isRead = false;
    rig.proxy?.before(async (request) => {
      if (isMoment(request, isRead)) {
        isRead = false;
        replaced += 1;
        // As long as what the manifest names: only the bytes tell.
        await rig.putObject(ORDERS, metaschemaOf(`torn${String(replaced).padStart(4, '0')}`));
      }
      if (isGetOf('.edn')(request)) isRead = true;
    });
    await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase'), [BILLING]: metaschemaOf('receipt') });
    await waitUntil(() => replaced >= 3, 'three times replaced');
    expect(watcher.states).toEqual([before]);

    // The next sync begins before the replacing ends: nothing can settle in between.
    await rig.putObject('manifest.json', createPendingManifest());
    rig.proxy?.before(null);
    await rig.waitForProven(await rig.sync(AFTER));
    await expectOnlySteps(rig, before);
    expect((await rig.live()).get(ORDERS)).toBe(AFTER[ORDERS]);
  });

  it('in the midst of one read: the new content goes live as a whole, the old one never', async () => {
    const rig = await startProven();
    const before = await rig.live();
    await rig.watchLive();
    let isReplaced = false;
    rig.proxy?.before(async (request) => {
      if (isReplaced || !isGetOf(BILLING)(request)) return;
      isReplaced = true;
      await rig.sync(AFTER);
    });
    await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('early'), [BILLING]: metaschemaOf('early_too') });
    await waitForLive(rig, 'datomic/new.edn', AFTER['datomic/new.edn']);
    await rig.waitForProven();
    await expectOnlySteps(rig, before);
  });
});

describe('a sync that was killed', () => {
  const killSync = async (rig: Rig) => {
    await rig.putObject('manifest.json', createPendingManifest('maria'));
    await rig.putObject(ORDERS, AFTER[ORDERS]);
    await rig.deleteObject(BILLING);
  };

  it('leaves a pending manifest: nothing of it goes live, a condition names who, a new sync ends it', async () => {
    const rig = await startProven();
    const before = await rig.live();
    const watcher = await rig.watchLive();
    await killSync(rig);
    const status = await rig.waitFor((seen) => findCondition(seen, 'SyncPending') !== null);
    expect(findCondition(status, 'SyncPending')?.message).toContain('maria');
    // Longer than both settle times.
    await waitForListings(rig, 5);
    expect(watcher.states).toEqual([before]);
    expect(findCondition(rig.status(), 'SourceReachable')).toMatchObject({ status: 'True' });

    const proven = await rig.waitForProven(await rig.sync(AFTER));
    expect(findCondition(proven, 'SyncPending')).toBeNull();
    await expectOnlySteps(rig, before);
  });

  it('is ended by deleting its manifest as well: then what lies there settles', async () => {
    const rig = await startProven();
    await killSync(rig);
    await rig.waitFor((seen) => findCondition(seen, 'SyncPending') !== null);
    await rig.deleteObject('manifest.json');
    await waitForLive(rig, ORDERS, AFTER[ORDERS]);
    await waitForLive(rig, BILLING, undefined);
    expect(rig.engineStarts()).toHaveLength(1);
  });
});

describe('a sync without a manifest, with gaps shorter than the settle time', () => {
  const SETTLE = { GATEWAY_SETTLE: '3s', GATEWAY_SETTLE_DELETIONS: '4s' };
  const CHANGED = {
    [CATALOG]: AFTER[CATALOG],
    [ORDERS]: AFTER[ORDERS],
    'datomic/new.edn': AFTER['datomic/new.edn'],
  };

  it.each([
    ['where one never was', false],
    ['beside the manifest of an earlier sync', true],
  ])('%s: nothing of its halves goes live, the whole does when it has settled', async (_, hasManifest) => {
    const rig = await startProven({ env: SETTLE }, { manifest: hasManifest });
    const before = await rig.live();
    const watcher = await rig.watchLive();
    await rig.sync(CHANGED, { manifest: false, gapMs: 700 });
    expect(watcher.states).toEqual([before]);
    await waitForLive(rig, BILLING, undefined);
    await expectOnlySteps(rig, before);
    expect((await rig.live()).get(ORDERS)).toBe(AFTER[ORDERS]);
  });
});
