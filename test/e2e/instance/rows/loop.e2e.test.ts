/** One gateway through an ordinary life, from its first boot with S3 out of reach; each row begins where the last ended. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disposeInstances } from '../../../support/instance.ts';
import { AGENT, ANALYTICS, createGateway, type Gateway } from '../../../support/instance-gateway.ts';
import { CATALOG, catalogOf, FILES, findCondition, metaschemaOf, ORDERS } from '../../../support/rows.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await createGateway();
});
afterAll(async () => {
  await gateway.close();
  await disposeInstances();
});

const isActive = async (unit: string) =>
  (await gateway.instance.run('systemctl', 'is-active', unit)).stdout.trim();

it('an empty disk and S3 out of reach: READY, nothing started, no unit failed', async () => {
  await gateway.proxy.refuse();
  await gateway.instance.boot();
  await gateway.waitFor((status) => findCondition(status, 'SourceReachable')?.status === 'False');
  expect(await isActive(AGENT)).toBe('active');
  expect(await isActive(ANALYTICS)).toBe('inactive');
  expect(findCondition(await gateway.status(), 'Healthy')?.reason).toBe('NoConfiguration');
  expect(await gateway.instance.failedUnits()).toEqual([]);
});

it('first boot: it starts by itself when S3 answers, as the users that it should', async () => {
  await gateway.proxy.accept();
  await gateway.waitForProven(await gateway.sync(FILES));
  expect([...(await gateway.live()).keys()]).toEqual(expect.arrayContaining(Object.keys(FILES)));
  const users = await gateway.instance.sh(
    `ps -o user:32= -p ${await gateway.pidOf(AGENT)} -p ${await gateway.pidOf(ANALYTICS)}`,
  );
  expect(users.split('\n').sort()).toEqual(['datomic-analytics', 'datomic-gateway']);
});

it('a metaschema is live without a restart', async () => {
  const pid = await gateway.pidOf(ANALYTICS);
  await gateway.waitForProven(await gateway.sync({ ...FILES, [ORDERS]: metaschemaOf('sale') }));
  expect((await gateway.live()).get(ORDERS)).toBe(metaschemaOf('sale'));
  expect(await gateway.pidOf(ANALYTICS)).toBe(pid);
  // The engine itself has seen it: it can read what the agent has published.
  await gateway.waitUntil(async () => {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/stand-in/metaschemas`);
    return JSON.stringify(await answer.json()).includes('orders.edn');
  }, 'the engine sees the metaschemas');
});

it('a catalog restarts the analytics process once', async () => {
  const [pid, starts] = [await gateway.pidOf(ANALYTICS), gateway.engineStarts()];
  await gateway.waitForProven(await gateway.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing') }));
  expect(await gateway.pidOf(ANALYTICS)).not.toBe(pid);
  expect(gateway.engineStarts()).toBe(starts + 1);
  expect(await gateway.instance.read('/run/datomic-analytics/started/catalog/shop.properties')).toContain(
    'billing',
  );
});

it('a catalog that the engine refuses is rolled back and quarantined', async () => {
  const before = await gateway.live();
  const proven = (await gateway.status())?.proven?.digest;
  await gateway.sync({ ...FILES, [CATALOG]: `${catalogOf('shop')}stand-in.refuse=true\n` });
  const status = await gateway.waitFor(
    ({ quarantined, analytics, effective }) =>
      quarantined.length === 1 && analytics.serving && effective?.digest === proven,
  );
  expect(status.quarantined[0]?.log.join('\n')).toContain('shop');
  expect(await gateway.live()).toEqual(before);
  await gateway.waitForProven(await gateway.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing') }));
  await gateway.waitFor(({ quarantined }) => quarantined.length === 0);
});

it('systemctl restart of the analytics unit by hand starts the same release', async () => {
  const [pid, status] = [await gateway.pidOf(ANALYTICS), await gateway.status()];
  await gateway.instance.sh(`systemctl restart ${ANALYTICS}`);
  const after = await gateway.waitFor(
    ({ analytics }) => analytics.serving && analytics.pid !== null && analytics.pid !== pid,
  );
  expect(after.proven?.digest).toBe(status?.proven?.digest);
  expect(after.analytics.pid).toBe(await gateway.pidOf(ANALYTICS));
});

it('systemctl restart of the agent leaves the analytics process alone', async () => {
  const [pid, agent, starts] = [
    await gateway.pidOf(ANALYTICS),
    await gateway.pidOf(AGENT),
    gateway.engineStarts(),
  ];
  await gateway.instance.sh(`systemctl restart ${AGENT}`);
  expect(await gateway.pidOf(AGENT)).not.toBe(agent);
  const now = await gateway.pidOf(AGENT);
  await gateway.waitFor(({ agent: { pid: told }, analytics }) => told === now && analytics.serving);
  expect(await gateway.pidOf(ANALYTICS)).toBe(pid);
  expect(gateway.engineStarts()).toBe(starts);
});

it('systemctl reload returns when what lies in S3 is live', async () => {
  await gateway.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing'), [ORDERS]: metaschemaOf('bill') });
  await gateway.instance.sh(`systemctl reload ${AGENT}`);
  expect((await gateway.live()).get(ORDERS)).toBe(metaschemaOf('bill'));
  expect(await isActive(AGENT)).toBe('active');
});

it('the operator’s restart is answered by the new process', async () => {
  const pid = await gateway.pidOf(ANALYTICS);
  const answer = JSON.parse(await gateway.instance.sh('gatewayctl restart --json --reason test'));
  expect(answer).toMatchObject({ kind: 'restart', outcome: 'done', pidBefore: pid });
  expect(answer.pidAfter).toBe(await gateway.pidOf(ANALYTICS));
});
