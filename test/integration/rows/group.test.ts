/** The group in force is sticky: a newer sync moves it, nothing else does, and the endpoint follows. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.ts';
import { createPendingManifest } from '../../support/rig-source.ts';
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

const OTHER = 'reports';
const endpointOf = (group: string) => `http://entry.${group}.eu-west-1.datomic.net:8182/`;

/** Time stamps of S3 have whole seconds; what is newer than the rest must be told apart without help. */
const nextSecond = () => sleep(1_100);

const groupsOf = (rig: Rig): readonly unknown[] => {
  const seen = rig.log().flatMap(({ event, group }) => (event === 'group.marked' ? [group] : []));
  return seen.filter((group, nth) => group !== seen[nth - 1]);
};

describe('another group that is synced', () => {
  it('moves the gateway once: one restart, and the endpoint in the catalog follows', async () => {
    const rig = await startProven({ env: { GATEWAY_LOG_LEVEL: 'debug' } });
    expect((await rig.live()).get(CATALOG)).toContain(endpointOf('acme'));
    const files = { ...FILES, [ORDERS]: metaschemaOf('report') };
    const status = await rig.waitForProven(await rig.sync(files, { group: OTHER }));
    expect(status.source.group).toBe(OTHER);
    expect(findCondition(status, 'GroupMoved')?.message).toBe(`from acme to ${OTHER}`);
    const live = await rig.live();
    expect(live.get(CATALOG)).toContain(endpointOf(OTHER));
    expect(live.get(CATALOG)).not.toContain(endpointOf('acme'));
    expect(live.get(ORDERS)).toBe(files[ORDERS]);

    await waitForListings(rig, 4);
    expect(groupsOf(rig)).toEqual(['acme', OTHER]);
    const [, started, ...more] = rig.engineStarts();
    expect(more).toEqual([]);
    const catalog = createHash('sha256')
      .update(live.get(CATALOG) ?? '')
      .digest('hex');
    expect(started?.files).toMatchObject({ [CATALOG]: catalog });
  });

  it('moves it back and forth, each time with the next sync', async () => {
    const rig = await startProven();
    for (const group of [OTHER, 'acme']) {
      await nextSecond();
      await rig.waitForProven(await rig.sync({ ...FILES, [ORDERS]: metaschemaOf(`of_${group}`) }, { group }));
      expect(rig.status()?.source.group).toBe(group);
      expect((await rig.live()).get(CATALOG)).toContain(endpointOf(group));
    }
    expect(rig.engineStarts()).toHaveLength(3);
  });

  const REPORTS = { ...FILES, [ORDERS]: metaschemaOf('report') };
  it.each<[title: string, env: Record<string, string>, sync: (rig: Rig) => Promise<unknown>]>([
    [
      'when the group is set by name',
      { GATEWAY_GROUP: 'acme' },
      (rig) => rig.sync(REPORTS, { group: OTHER }),
    ],
    [
      'while its sync is under way',
      {},
      async (rig) => {
        await rig.putObject('manifest.json', createPendingManifest(), OTHER);
        await rig.sync(REPORTS, { group: OTHER, manifest: false });
      },
    ],
    ['with nothing in it but a manifest', {}, (rig) => rig.sync({}, { group: OTHER })],
    [
      'that does not pass the limits',
      { GATEWAY_LIMIT_FILE_SIZE: '1KiB' },
      (rig) => rig.sync({ ...REPORTS, [ORDERS]: ';'.repeat(2_000) }, { group: OTHER }),
    ],
  ])('%s moves nothing', async (_, env, sync) => {
    const rig = await startProven({ env });
    const before = await rig.live();
    await nextSecond();
    await sync(rig);
    await waitForListings(rig, 3);
    expect(rig.status()?.source.group).toBe('acme');
    expect(await rig.live()).toEqual(before);
    expect(rig.engineStarts()).toHaveLength(1);
  });
});

describe('the group in force', () => {
  /** `acme` is older than what is in force, and newer than the oldest of it. */
  const startMoved = async (): Promise<Rig> => {
    const rig = await createRig();
    rig.start();
    const early = { [CATALOG]: FILES[CATALOG], [ORDERS]: FILES[ORDERS] };
    await rig.waitForProven(await rig.sync(early, { group: OTHER, manifest: false }));
    await nextSecond();
    await rig.waitForProven(await rig.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'acme') }));
    await nextSecond();
    await rig.putObject('datomic/late.edn', metaschemaOf('late'), OTHER);
    await rig.waitFor(({ source }) => source.group === OTHER);
    await rig.waitForProven();
    expect((await rig.live()).has('datomic/late.edn')).toBe(true);
    return rig;
  };

  it.each<[title: string, change: (rig: Rig) => Promise<unknown>, isHeld: boolean, isLate: boolean]>([
    [
      'that is emptied',
      async (rig) => {
        for (const file of await rig.store.list(OTHER)) await rig.deleteObject(file, OTHER);
      },
      true,
      true,
    ],
    ['that loses its newest file', (rig) => rig.deleteObject('datomic/late.edn', OTHER), false, false],
  ])('%s stays in force, also for an agent that starts then', async (_, change, isHeld, isLate) => {
    const rig = await startMoved();
    const starts = rig.engineStarts().length;
    await change(rig);
    await rig.waitFor(({ held }) => held.length > 0 === isHeld);
    // Longer than the settle time of deletions.
    await waitForListings(rig, 5);
    expect(rig.status()?.source.group).toBe(OTHER);
    expect((await rig.live()).get(CATALOG)).toContain(endpointOf(OTHER));
    expect((await rig.live()).has('datomic/late.edn')).toBe(isLate);
    expect(rig.engineStarts()).toHaveLength(starts);

    await rig.stop();
    rig.start();
    await rig.waitForProven();
    await waitForListings(rig, 5);
    expect(rig.status()?.source.group).toBe(OTHER);
    expect((await rig.live()).get(CATALOG)).toContain(endpointOf(OTHER));
  });
});
