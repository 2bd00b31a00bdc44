/** Processes that die or hang, in one gateway; each row begins where the last ended. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disposeInstances } from '../../../support/instance.ts';
import { AGENT, ANALYTICS, createGateway, type Gateway, STATE } from '../../../support/instance-gateway.ts';
import { FILES, findCondition } from '../../../support/rows.ts';

let gateway: Gateway;
beforeAll(async () => {
  // The watchdog of the unit waits two minutes and a half, a reload two.
  gateway = await createGateway({ dropIns: { [AGENT]: ['WatchdogSec=4s', 'TimeoutStartSec=3s'] } });
  const snapshot = await gateway.sync(FILES);
  await gateway.instance.boot();
  await gateway.waitForProven(snapshot);
});
afterAll(async () => {
  await gateway.close();
  await disposeInstances();
});

/** A new agent is at work, on the same analytics process. */
async function waitForNextAgent(agent: number): Promise<void> {
  await gateway.waitFor(({ agent: { pid }, analytics }) => pid !== agent && analytics.serving);
  expect(await gateway.pidOf(AGENT)).not.toBe(agent);
}

it('the agent is killed: another one goes on, the analytics process does not notice', async () => {
  const [agent, pid, starts] = [
    await gateway.pidOf(AGENT),
    await gateway.pidOf(ANALYTICS),
    gateway.engineStarts(),
  ];
  await gateway.instance.sh(`kill -KILL ${agent}`);
  await waitForNextAgent(agent);
  expect([await gateway.pidOf(ANALYTICS), gateway.engineStarts()]).toEqual([pid, starts]);
});

it('the agent hangs: a reload ends all the same, the watchdog ends the agent, another one goes on', async () => {
  const [agent, pid, starts] = [
    await gateway.pidOf(AGENT),
    await gateway.pidOf(ANALYTICS),
    gateway.engineStarts(),
  ];
  await gateway.instance.sh(`kill -STOP ${agent}`);
  const reload = await gateway.instance.runWith({ timeoutMs: 20_000 }, 'systemctl', 'reload', AGENT);
  expect(reload.status).not.toBe(0);
  await waitForNextAgent(agent);
  expect(await gateway.instance.journal(AGENT)).toContain('Watchdog timeout');
  expect([await gateway.pidOf(ANALYTICS), gateway.engineStarts()]).toEqual([pid, starts]);
});

it('the analytics process is killed: systemd starts it again, nothing is rolled back', async () => {
  const [pid, proven] = [await gateway.pidOf(ANALYTICS), (await gateway.status())?.proven?.digest];
  await gateway.instance.sh(`kill -KILL ${pid}`);
  const status = await gateway.waitFor(({ analytics }) => analytics.serving && analytics.pid !== pid);
  expect(status.proven?.digest).toBe(proven);
  expect(status.quarantined).toEqual([]);
});

it('the analytics process runs out of memory: it is started again, and the status tells why it went', async () => {
  const starts = gateway.engineStarts();
  await gateway.setScript({ starts: [...Array(starts).fill({}), { oomAfterMs: 1_000 }] });
  await gateway.instance.sh(`systemctl restart ${ANALYTICS}`);
  await gateway.waitUntil(async () => gateway.engineStarts() === starts + 2, 'a start after the exit');
  await gateway.waitFor(({ analytics }) => analytics.serving);
  const log = (await gateway.log()).map((line) => JSON.stringify(line)).join('\n');
  expect(log).toContain('jvm-oom');
  expect((await gateway.status())?.quarantined).toEqual([]);
});

it('a crash loop of what was proven: the agent stops the unit, says so, tries again later, or when told', async () => {
  await gateway.setScript({ exitAfterMs: 200 });
  await gateway.instance.sh(`systemctl restart ${ANALYTICS}`);
  const status = await gateway.waitFor(
    (found) => findCondition(found, 'Healthy')?.reason === 'HostSick',
    60_000,
  );
  await gateway.waitUntil(async () => (await gateway.pidOf(ANALYTICS)) === 0, 'the unit is stopped');
  const starts = gateway.engineStarts();
  expect(status.analytics.serving).toBe(false);
  expect((await gateway.instance.show(ANALYTICS, 'ActiveState')).ActiveState).toBe('inactive');
  // The intervals and their growth are the planner's, and tested there; here it counts that systemd does not interfere.
  const { sick } = JSON.parse((await gateway.instance.read(`${STATE}/memory.json`)) ?? '');
  expect(sick.startAt - sick.since).toBe(60_000);
  expect(gateway.engineStarts()).toBe(starts);

  await gateway.setScript({});
  await gateway.instance.sh('gatewayctl retry --json');
  await gateway.waitForProven();
  expect(gateway.engineStarts()).toBe(starts + 1);
});
