/** A catalog that would show more than before waits for a person. */
import { describe, expect, it } from 'vitest';
import {
  CATALOG,
  catalogOf,
  FILES,
  findCondition,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
} from '../../support/rows.ts';

const EVERYTHING = { ...FILES, [CATALOG]: catalogOf(), [ORDERS]: metaschemaOf('purchase') };

describe('a database list that is removed from a catalog', () => {
  it('is held: the whole release waits, and an engine that crashes comes back with the old list', async () => {
    const rig = await startProven();
    const before = await rig.live();
    const snapshot = await rig.sync(EVERYTHING);
    const status = await rig.waitFor(({ held }) => held.length > 0);
    expect(status.held).toMatchObject([{ kind: 'exposure', snapshot, paths: [CATALOG] }]);
    expect(findCondition(status, 'ExposureHeld')?.message).toContain(CATALOG);
    await waitForListings(rig, 2);
    expect(await rig.live()).toEqual(before);

    process.kill(status.analytics.pid ?? 0, 'SIGKILL');
    const back = await rig.waitFor(
      ({ analytics }) => analytics.serving && analytics.pid !== status.analytics.pid,
    );
    expect(back.held).toEqual(status.held);
    const [first, second] = rig
      .engineStarts()
      .map(({ files }) => (files as Record<string, unknown>)[CATALOG]);
    expect(second).toBe(first);
    expect(await rig.live()).toEqual(before);
  });

  it('is live once it is taken back, without a restart', async () => {
    const rig = await startProven();
    await rig.sync(EVERYTHING);
    await rig.waitFor(({ held }) => held.length > 0);
    const proven = await rig.waitForProven(await rig.sync({ ...EVERYTHING, [CATALOG]: FILES[CATALOG] }));
    expect(proven.held).toEqual([]);
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('is live and proven with gate.exposure=allow', async () => {
    const rig = await startProven({ env: { GATEWAY_EXPOSURE: 'allow' } });
    const proven = await rig.waitForProven(await rig.sync(EVERYTHING));
    expect(proven.held).toEqual([]);
    expect((await rig.live()).get(CATALOG)).toContain(EVERYTHING[CATALOG]);
    expect(rig.engineStarts()).toHaveLength(2);
  });

  it.each([
    ['at once', false],
    ['while it is held', true],
  ])('is live and proven when a manifest allows it %s', async (_, isHeldFirst) => {
    const rig = await startProven();
    if (isHeldFirst) {
      await rig.sync(EVERYTHING);
      await rig.waitFor(({ held }) => held.length > 0);
    }
    const proven = await rig.waitForProven(await rig.sync(EVERYTHING, { allow: ['exposure'] }));
    expect(proven.held).toEqual([]);
    expect((await rig.live()).get(CATALOG)).toContain(EVERYTHING[CATALOG]);
    expect(rig.engineStarts()).toHaveLength(2);
    // It is what is compared with from now on: the next sync needs no yes.
    const next = await rig.waitForProven(await rig.sync({ ...EVERYTHING, [ORDERS]: metaschemaOf('next') }));
    expect(next.held).toEqual([]);
  });

  it('is held all the same when the manifest that allows it is of other content', async () => {
    const rig = await startProven();
    await rig.waitForProven(
      await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('other') }, { allow: ['exposure'] }),
    );
    const before = await rig.live();
    await rig.putObject(CATALOG, catalogOf());
    await rig.waitFor(({ held }) => held.length > 0);
    await waitForListings(rig, 2);
    expect(await rig.live()).toEqual(before);
  });
});
