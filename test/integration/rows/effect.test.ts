/** Whether the tables of a published metaschema appear in SQL: seen, missing with the reason, put right. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Status } from '../../../agent/core/status.ts';
import { createRig } from '../../support/rig.ts';
import { CATALOG, catalogOf, findCondition, metaschemaOf, ORDERS } from '../../support/rows.ts';

const FILES = { [CATALOG]: catalogOf('shop'), [ORDERS]: metaschemaOf('order') };
const SEEN = { GATEWAY_PUBLISH_SEEN: '2s', STAND_IN_RELOAD_MS: '100' };
/** What the database of the stand-in has. */
const SHOP = { attributes: { shop: [':order/id', ':customer/id'] } };

const effectOf = (status: Status) => findCondition(status, 'MetaschemaEffect');
const isEffect = (reason: string) => (status: Status) => effectOf(status)?.reason === reason;

describe('the effect of a metaschema', () => {
  it('is not seen while the connector has not read it, and seen within the minute', async () => {
    const script = { ...SHOP, lagMs: 1_500 };
    const rig = await createRig({ script, env: { ...SEEN, GATEWAY_PUBLISH_SEEN: '60s' } });
    await rig.sync({ [CATALOG]: FILES[CATALOG], [ORDERS]: metaschemaOf('customer') });
    rig.start();
    await rig.waitFor(isEffect('Seen'));
    const snapshot = await rig.sync(FILES);
    const before = await rig.waitFor(
      (status) => status.effective?.snapshot === snapshot && isEffect('NotYetSeen')(status),
    );
    expect(effectOf(before)?.message).toBe('the tables of datomic/orders.edn have not appeared yet');
    const after = await rig.waitFor(isEffect('Seen'));
    expect(after.metaschemas).toEqual([
      {
        path: ORDERS,
        state: 'seen',
        databases: [{ catalog: 'shop', database: 'shop', state: 'seen', missing: [] }],
        reason: null,
      },
    ]);
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('is missing after its time, says which attribute the database lacks, and goes away when corrected', async () => {
    const rig = await createRig({ script: SHOP, env: SEEN });
    await rig.sync({ ...FILES, [ORDERS]: '{:tables {:customr/id {}} :joins {}}\n' });
    rig.start();
    const missing = await rig.waitFor(isEffect('Missing'));
    expect(effectOf(missing)).toMatchObject({
      status: 'False',
      message: `${ORDERS} makes no table: shop.shop lacks :customr/id (did you mean :customer/id?)`,
    });
    // It is live and proven all the same: the engine serves, and a database may get the attribute later.
    await rig.waitForProven();

    await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('customer') });
    const seen = await rig.waitFor(isEffect('Seen'));
    expect(effectOf(seen)?.status).toBe('True');
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('is found anew by an agent that was killed', async () => {
    const rig = await createRig({ script: SHOP, env: SEEN });
    await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('nobody') });
    rig.start();
    await rig.waitFor(isEffect('Missing'));
    await rig.kill();
    const killedAt = Date.now();
    rig.start();
    const again = await rig.waitFor(
      (status) => Date.parse(status.at) > killedAt && isEffect('Missing')(status),
    );
    expect(effectOf(again)?.message).toContain('lacks :nobody/id');
  });

  it('is looked for by queries that no drain waits for and no status counts', async () => {
    const rig = await createRig({ script: SHOP, env: SEEN });
    await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('nobody') });
    rig.start();
    const status = await rig.waitFor(isEffect('Missing'));
    expect(status.analytics.queriesRunning).toBe(0);
    const answer = await fetch(`http://127.0.0.1:${rig.port}/v1/query`, {
      headers: { 'X-Presto-User': 'test' },
    });
    const queries = (await answer.json()) as { session: { user: string; source: string }; query: string }[];
    const asked = queries.filter(({ query }) => query.startsWith('SHOW TABLES'));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.every(({ session }) => session.user === 'gateway-agent')).toBe(true);
  });

  it.each([
    ['a catalog that lists no databases', catalogOf()],
    ['an engine without a Datomic catalog', 'connector.name=tpch\n'],
  ])('is not looked for with %s', async (_, catalog) => {
    const rig = await createRig({ env: { ...SEEN, GATEWAY_CONNECTORS: '["datomic","tpch"]' } });
    await rig.sync({ ...FILES, [CATALOG]: catalog });
    rig.start();
    await rig.waitForProven();
    await sleep(1_000);
    const status = await rig.waitForProven();
    expect([effectOf(status), status.metaschemas]).toEqual([null, []]);
    const answer = await fetch(`http://127.0.0.1:${rig.port}/v1/query`, {
      headers: { 'X-Presto-User': 'test' },
    });
    expect(await answer.text()).not.toContain('SHOW TABLES');
  });
});
