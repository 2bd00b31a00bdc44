/** Unreadable is not empty, and empty is not believed: what goes with its whole directory is kept until a person agrees. */
import { describe, expect, it } from 'vitest';
import type { Rig } from '../../support/rig.ts';
import type { SyncOptions } from '../../support/rig-source.ts';
import {
  BILLING,
  CATALOG,
  catalogOf,
  configurationOf,
  FILES,
  findCondition,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
  waitForLive,
} from '../../support/rows.ts';

const isHeld = (rig: Rig, paths: readonly string[]) =>
  rig.waitFor(
    ({ held }) =>
      held.length === 1 &&
      held[0]?.kind === 'deletion' &&
      JSON.stringify(held[0].paths) === JSON.stringify([...paths].sort()),
  );

describe('a prefix that was emptied', () => {
  const empty = async (rig: Rig) => {
    for (const file of await rig.store.list('acme')) await rig.deleteObject(file);
  };

  it.each<[title: string, empty: (rig: Rig) => Promise<unknown>]>([
    ['object by object, the manifest too', empty],
    ['by a sync of an empty directory', (rig) => rig.sync({})],
    ['by a sync of an empty directory, without a manifest', (rig) => rig.sync({}, { manifest: false })],
  ])('%s: held, live etc unchanged, and released when the files come back', async (_, emptyIt) => {
    const rig = await startProven();
    const before = await rig.live();
    const { pid } = (await rig.waitForProven()).analytics;
    await emptyIt(rig);
    const status = await isHeld(rig, Object.keys(FILES));
    expect(findCondition(status, 'DeletionHeld')).toMatchObject({ status: 'True' });
    await waitForListings(rig, 3);
    expect(await rig.live()).toEqual(before);
    expect(rig.status()?.analytics).toMatchObject({ pid, serving: true });

    const back = await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase') });
    expect((await rig.waitForProven(back)).held).toEqual([]);
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('outlives the agent: one that starts on an empty prefix keeps what is live', async () => {
    const rig = await startProven();
    const before = await rig.live();
    await rig.stop();
    await rig.sync({});
    rig.start();
    await isHeld(rig, Object.keys(FILES));
    await rig.waitForProven();
    expect(await rig.live()).toEqual(before);
  });
});

describe('a pipeline that syncs a directory with catalogs alone', () => {
  it.each<[title: string, sync: SyncOptions]>([
    ['with a manifest', {}],
    ['as the original CLI does', { manifest: false }],
  ])('(%s): the catalog is live and proven, the metaschemas are kept and held', async (_, sync) => {
    const rig = await startProven();
    const catalog = catalogOf('shop', 'billing');
    await rig.waitForProven(await rig.sync({ [CATALOG]: catalog }, sync));
    await isHeld(rig, [ORDERS, BILLING]);
    const kept = { [ORDERS]: FILES[ORDERS], [BILLING]: FILES[BILLING] };
    const live = { [CATALOG]: expect.stringContaining(catalog), ...kept };
    expect(configurationOf(await rig.live())).toEqual(live);
    expect(rig.engineStarts()).toHaveLength(2);

    // One new file in the directory does not silently drop the others.
    const NEW = { 'datomic/new.edn': metaschemaOf('new') };
    await rig.waitForProven(await rig.sync({ [CATALOG]: catalog, ...NEW }, sync));
    await isHeld(rig, [ORDERS, BILLING]);
    expect(configurationOf(await rig.live())).toEqual({ ...live, ...NEW });

    // Nor does a new life of the agent.
    await rig.stop();
    rig.start();
    await rig.waitForProven();
    await waitForListings(rig, 2);
    await isHeld(rig, [ORDERS, BILLING]);
    expect(configurationOf(await rig.live())).toEqual({ ...live, ...NEW });
  });

  it('goes on with one metaschema of the same name, which is the newer one', async () => {
    const rig = await startProven();
    await rig.waitForProven(await rig.sync({ [CATALOG]: FILES[CATALOG] }));
    await isHeld(rig, [ORDERS, BILLING]);
    await rig.waitForProven(
      await rig.sync({ [CATALOG]: FILES[CATALOG], [ORDERS]: metaschemaOf('purchase') }),
    );
    await isHeld(rig, [BILLING]);
    expect((await rig.live()).get(ORDERS)).toBe(metaschemaOf('purchase'));
    expect((await rig.live()).get(BILLING)).toBe(FILES[BILLING]);
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('loses them when the manifest of exactly this content allows the deletion', async () => {
    const rig = await startProven();
    const only = { [CATALOG]: FILES[CATALOG] };
    await rig.waitForProven(await rig.sync(only));
    await isHeld(rig, [ORDERS, BILLING]);
    await rig.sync(only, { allow: ['deletion'] });
    await waitForLive(rig, ORDERS, undefined);
    await waitForLive(rig, BILLING, undefined);
    await rig.waitFor(({ held }) => held.length === 0);
    await rig.waitForProven();
    expect(rig.engineStarts()).toHaveLength(1);
  });
});
