/** What a change costs: nothing for metaschemas and for what means nothing, one restart for a catalog. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isGetOf } from '../../support/fault-proxy.ts';
import type { Rig } from '../../support/rig.ts';
import {
  CATALOG,
  catalogOf,
  FILES,
  findEvents,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
  waitForLive,
} from '../../support/rows.ts';

const sha256 = (text: string | undefined) =>
  createHash('sha256')
    .update(text ?? '')
    .digest('hex');

/** What the engine's newest life read of the catalog at its start. */
const startedWith = (rig: Rig): unknown =>
  (rig.engineStarts().at(-1)?.files as Record<string, unknown> | undefined)?.[CATALOG];

const listSeenMetaschemas = async (rig: Rig): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${rig.port}/stand-in/metaschemas`)).json();

describe('a changed metaschema', () => {
  it('is live at the first poll after the manifest, under the eyes of the same process', async () => {
    // Only the manifest tells of it: the next listing in its own time is far away.
    const rig = await startProven({ env: { GATEWAY_LIST_INTERVAL: '1h' } });
    const { pid } = (await rig.waitForProven()).analytics;
    const text = metaschemaOf('purchase');
    const snapshot = await rig.sync({ ...FILES, [ORDERS]: text });
    const from = rig.proxy?.requests.length ?? 0;
    await waitForLive(rig, ORDERS, text);

    const since = (rig.proxy?.requests ?? []).slice(from);
    const readAt = since.findIndex(isGetOf(ORDERS));
    const polls = since.slice(0, readAt).filter(isGetOf('manifest.json'));
    expect(polls.map(({ status }) => status)).not.toContain(304);
    const proven = await rig.waitForProven(snapshot);
    expect(proven.analytics.pid).toBe(pid);
    expect(rig.engineStarts()).toHaveLength(1);
    expect(await listSeenMetaschemas(rig)).toContainEqual({ name: 'orders.edn', sha256: sha256(text) });
  });

  it.each([
    ['added', { ...FILES, 'datomic/new.edn': metaschemaOf('new') }],
    ['deleted beside others', { [CATALOG]: FILES[CATALOG], [ORDERS]: FILES[ORDERS] }],
  ])('is %s without a restart', async (_, files) => {
    const rig = await startProven();
    const proven = await rig.waitForProven(await rig.sync(files));
    expect(proven.held).toEqual([]);
    const live = [...(await rig.live()).keys()].filter((file) => file.includes('/'));
    expect(live.sort()).toEqual(Object.keys(files).sort());
    expect(rig.engineStarts()).toHaveLength(1);
  });
});

describe('a catalog changed in meaning', () => {
  it('costs exactly one restart, and is proven', async () => {
    const rig = await startProven();
    const before = await rig.waitForProven();
    const after = await rig.waitForProven(
      await rig.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing') }),
    );
    expect(after.analytics.pid).not.toBe(before.analytics.pid);
    expect(after.analytics.restarts).toBe(1);
    expect(after.analytics.lastRestart).toMatchObject({ reason: 'catalog', outcome: 'done' });
    expect(startedWith(rig)).toBe(sha256((await rig.live()).get(CATALOG)));
    // Long enough for another one after the spacing.
    await waitForListings(rig, 4);
    expect(rig.engineStarts()).toHaveLength(2);
    expect(findEvents(rig, 'engine.restart')).toHaveLength(1);
  });

  it('ten times in a burst costs no more than two restarts, the last one with the last change', async () => {
    const spacingMs = 3_000;
    const rig = await startProven({ env: { GATEWAY_RESTART_SPACING: `${spacingMs}ms` } });
    const startedAt = Date.parse((await rig.waitForProven()).analytics.startedAt ?? '');
    // From here on the first of them is free to restart at once.
    await sleep(Math.max(0, startedAt + spacingMs - Date.now()));
    let snapshot = '';
    for (let nth = 1; nth <= 10; nth += 1) {
      snapshot = await rig.sync({ ...FILES, [CATALOG]: catalogOf('shop', `db${nth}`) });
    }
    await rig.waitForProven(snapshot, 40_000);
    expect(rig.engineStarts().length - 1).toBeLessThanOrEqual(2);
    expect((await rig.live()).get(CATALOG)).toContain('[shop db10]');
    expect(startedWith(rig)).toBe(sha256((await rig.live()).get(CATALOG)));
  });
});

describe('a catalog changed in nothing that counts', () => {
  it.each([
    ['comments', `# The shop.\n${catalogOf('shop')}! and its end\n`],
    ['order', catalogOf('shop').split('\n').reverse().join('\n')],
    ['spacing', '\nconnector.name   =  datomic\n\n  datomic.databases : [ shop ]\n'],
    ['line ends', catalogOf('shop').replaceAll('\n', '\r\n')],
  ])('(%s) is live, and the same process goes on', async (_, text) => {
    const rig = await startProven();
    const { pid } = (await rig.waitForProven()).analytics;
    const proven = await rig.waitForProven(await rig.sync({ ...FILES, [CATALOG]: text }));
    expect((await rig.live()).get(CATALOG)).toContain(text);
    expect(proven.analytics.pid).toBe(pid);
    expect(rig.engineStarts()).toHaveLength(1);
  });
});
