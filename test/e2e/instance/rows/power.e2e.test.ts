/** Boots, power cuts and what a machine lacks when it comes up. */
import { afterAll, expect, it } from 'vitest';
import { disposeInstances } from '../../../support/instance.ts';
import { AGENT, ANALYTICS, createGateway, type GatewayOptions } from '../../../support/instance-gateway.ts';
import { startLaunchStub } from '../../../support/instance-stubs.ts';
import { CATALOG, catalogOf, FILES, findCondition, ORDERS } from '../../../support/rows.ts';

afterAll(disposeInstances);

async function startProven(options: GatewayOptions = {}) {
  const gateway = await createGateway(options);
  const snapshot = await gateway.sync(FILES);
  await gateway.instance.boot();
  await gateway.waitForProven(snapshot);
  return gateway;
}

it('a reboot in the middle of a restart: it is finished after the boot, and the request is answered once', async () => {
  const gateway = await startProven();
  const starts = gateway.engineStarts();
  await gateway.setScript({ startMs: 4_000 });
  await gateway.instance.sh('gatewayctl restart --wait 0s --id the-one --reason reboot || [ $? = 75 ]');
  await gateway.waitUntil(async () => gateway.engineStarts() === starts + 1, 'the restart is under way');
  await gateway.instance.powerOff();

  await gateway.setScript({});
  await gateway.instance.boot();
  await gateway.waitForProven();
  const answer = JSON.parse(await gateway.instance.sh('gatewayctl restart --id the-one --json'));
  expect(answer).toMatchObject({ id: 'the-one', outcome: 'done' });
  expect(answer.pidAfter).toBe(await gateway.pidOf(ANALYTICS));
  // One start before the boot, one after it: the request ordered none beyond.
  expect(gateway.engineStarts()).toBe(starts + 2);
  await gateway.close();
});

it('the power fails in the middle of a start: the next boot converges, from disk, with S3 away', async () => {
  const gateway = await startProven();
  await gateway.setScript({ startMs: 4_000 });
  const starts = gateway.engineStarts();
  await gateway.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing') });
  await gateway.waitUntil(
    async () => gateway.engineStarts() === starts + 1,
    'the new catalog is being started',
  );
  await gateway.instance.cutPower();

  await gateway.setScript({});
  await gateway.proxy.refuse();
  await gateway.instance.boot();
  await gateway.waitForProven();
  expect((await gateway.live()).get(CATALOG)).toContain('billing');
  expect(await gateway.instance.failedUnits()).toEqual([]);

  await gateway.proxy.accept();
  await gateway.waitFor((status) => findCondition(status, 'SourceReachable')?.status === 'True');
  await gateway.close();
});

it('metadata that comes late: the agent is READY before, first boot brings the settings, and only once', async () => {
  const launch = await startLaunchStub();
  const gateway = await createGateway({ hasSettings: false, metadata: launch.url });
  const often = '[Timer]\nOnUnitInactiveSec=1\n';
  await gateway.instance.write('/etc/systemd/system/gateway-first-boot.timer.d/often.conf', often);
  const snapshot = await gateway.sync(FILES);
  await gateway.instance.boot();
  expect(findCondition(await gateway.waitFor(() => true), 'Healthy')?.reason).toBe('NoConfiguration');
  expect((await gateway.instance.show(AGENT, 'ActiveState')).ActiveState).toBe('active');

  launch.answer({ userData: JSON.stringify({ settings: gateway.settings }), isThere: true });
  await gateway.waitForProven(snapshot, 60_000);
  const written = await gateway.instance.read('/etc/datomic-gateway/agent.json');
  expect(JSON.parse(written ?? '')).toMatchObject({ system: 'acme', region: 'eu-west-1' });

  // What a person changes stays, whatever the user data says.
  const mine = `${written}\n`;
  await gateway.instance.write('/etc/datomic-gateway/agent.json', mine);
  await gateway.instance.sh('systemctl restart gateway-first-boot.service');
  expect(await gateway.instance.read('/etc/datomic-gateway/agent.json')).toBe(mine);
  await gateway.close();
});

it('user data that the agent would refuse does not replace settings that it runs with', async () => {
  const launch = await startLaunchStub();
  launch.answer({ userData: '{"settings":{"sauce":{"uri":"s3://bucket"}}}', isThere: true });
  const gateway = await createGateway({ hasSettings: false, metadata: launch.url });
  await gateway.instance.boot();
  await gateway.waitUntil(
    async () => (await gateway.instance.journal('gateway-first-boot')).includes('sauce'),
    'first boot says what is wrong',
  );
  expect((await gateway.instance.show(AGENT, 'ActiveState')).ActiveState).toBe('active');
  expect(await gateway.instance.read('/etc/datomic-gateway/agent.json')).toBe(
    await gateway.instance.read('/opt/datomic/gateway/agent.json'),
  );
  await gateway.close();
});

it('a machine as small as a nano: the analytics process stays down, all the rest works, limits are written', async () => {
  const meminfo = ['MemTotal: 492848 kB', 'MemFree: 201000 kB', 'MemAvailable: 305000 kB', ''].join('\n');
  const small = ['BindReadOnlyPaths=/etc/small-meminfo:/proc/meminfo'];
  const gateway = await createGateway({ dropIns: { [AGENT]: small, 'gateway-memory.service': small } });
  await gateway.instance.write('/etc/small-meminfo', meminfo);
  await gateway.sync(FILES);
  await gateway.instance.boot();
  const status = await gateway.waitFor(
    (found) => findCondition(found, 'MemorySufficient')?.status === 'False' && found.effective !== null,
  );
  expect(status.instance.memory).toBe(492_848 * 1024);
  expect(findCondition(status, 'MemorySufficient')?.message).toMatch(/t3\.\w+/);
  expect((await gateway.live()).get(ORDERS)).toBe(FILES[ORDERS]);
  expect((await gateway.instance.show(ANALYTICS, 'ActiveState')).ActiveState).toBe('inactive');
  const { MemoryMax } = await gateway.instance.show(ANALYTICS, 'MemoryMax');
  expect(Number(MemoryMax)).toBeLessThan(492_848 * 1024);
  await gateway.close();
});
