/** Disks that are full or read only, and files with wrong permissions; one gateway, each row begins where the last ended. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disposeInstances } from '../../../support/instance.ts';
import {
  AGENT,
  ANALYTICS,
  createGateway,
  ETC,
  type Gateway,
  STATE,
} from '../../../support/instance-gateway.ts';
import { FILES, findCondition, metaschemaOf, ORDERS } from '../../../support/rows.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await createGateway();
  const snapshot = await gateway.sync(FILES);
  await gateway.instance.boot();
  await gateway.waitForProven(snapshot);
  await gateway.instance.sh(`systemctl stop ${AGENT}`);
  for (const dir of [STATE, ETC]) {
    await gateway.instance.sh(`
      cp --archive ${dir} /mnt/saved; mount -t tmpfs -o size=1536k small ${dir}
      cp --archive /mnt/saved/. ${dir}; chown --reference=/mnt/saved ${dir}; chmod --reference=/mnt/saved ${dir}
      rm -r /mnt/saved`);
  }
  await gateway.instance.sh(`systemctl start ${AGENT}`);
  await gateway.waitForProven(snapshot);
});
afterAll(async () => {
  await gateway.close();
  await disposeInstances();
});

const fill = (dir: string) =>
  gateway.instance.sh(`cat /dev/zero >${dir}/filler 2>/dev/null || true; df ${dir}`);
const free = (dir: string) => gateway.instance.sh(`rm ${dir}/filler`);
const withTable = (name: string) => ({ ...FILES, [ORDERS]: metaschemaOf(name) });
/** The status says what cannot be written, and why. */
const waitForFault = (path: string, errno: string) =>
  gateway.waitFor((status) => {
    const { message = '' } = findCondition(status, 'StepFailed') ?? {};
    return message.includes(path) && message.includes(`errno=${errno}`);
  });

it('no room for the state: what runs goes on and the status says it; with room it goes on from there', async () => {
  const [pid, before] = [await gateway.pidOf(ANALYTICS), await gateway.live()];
  await fill(STATE);
  const snapshot = await gateway.sync(withTable('full'));
  const status = await waitForFault(STATE, 'ENOSPC');
  expect(status.analytics.serving).toBe(true);
  expect(await gateway.live()).toEqual(before);

  await free(STATE);
  await gateway.waitForProven(snapshot, 90_000);
  expect(await gateway.pidOf(ANALYTICS)).toBe(pid);
});

it('no room for the live etc: each file in it is whole, the old one or the new one; with room it is published', async () => {
  const before = await gateway.live();
  await fill(ETC);
  const files = withTable('narrow');
  const snapshot = await gateway.sync(files);
  await waitForFault(ETC, 'ENOSPC');
  for (const [path, text] of await gateway.live()) {
    expect([before.get(path), (files as Record<string, string>)[path]]).toContain(text);
  }
  await free(ETC);
  await gateway.waitForProven(snapshot, 90_000);
});

it('the agent is killed while the disk is full: the analytics process does not notice, and it comes back', async () => {
  const [pid, agent] = [await gateway.pidOf(ANALYTICS), await gateway.pidOf(AGENT)];
  await fill(STATE);
  await gateway.instance.sh(`kill -KILL ${agent}`);
  await gateway.waitUntil(
    async () => Number((await gateway.instance.show(AGENT, 'NRestarts')).NRestarts) >= 1,
    'systemd starts it again',
  );
  await free(STATE);
  await gateway.waitFor(({ agent: now, analytics }) => now.pid !== agent && analytics.serving, 60_000);
  expect(await gateway.pidOf(ANALYTICS)).toBe(pid);
  await gateway.waitForProven(await gateway.sync(withTable('after')), 60_000);
});

it('a state that is read only: it says so and goes on when it can write again', async () => {
  const before = await gateway.live();
  await gateway.instance.sh(`mount -o remount,ro ${STATE}`);
  const snapshot = await gateway.sync(withTable('readonly'));
  const status = await waitForFault(STATE, 'EROFS');
  expect(status.analytics.serving).toBe(true);
  expect(await gateway.live()).toEqual(before);
  await gateway.instance.sh(`mount -o remount,rw ${STATE}`);
  await gateway.waitForProven(snapshot, 90_000);
});

it('a live file that a person made unreadable is put right', async () => {
  await gateway.instance.sh(`chown root:root ${ETC}/${ORDERS}; chmod 0600 ${ETC}/${ORDERS}`);
  await gateway.waitUntil(
    async () =>
      (await gateway.instance.sh(`stat -c '%U %G %a' ${ETC}/${ORDERS}`)) ===
      'datomic-gateway datomic-analytics 640',
    'owner and mode are as they should be',
  );
});

it('a state file that the agent may not read is set aside, and said; the last proven one is still known', async () => {
  const proven = (await gateway.status())?.proven?.digest;
  await gateway.instance.sh(
    `systemctl stop ${AGENT}; chown root:root ${STATE}/memory.json; systemctl start ${AGENT}`,
  );
  const status = await gateway.waitForProven(undefined, 60_000);
  expect(status.proven?.digest).toBe(proven);
  expect(await gateway.instance.sh(`ls ${STATE}`)).toContain('memory.json.corrupt-1');
  expect((await gateway.log()).map(({ event }) => event)).toContain('state.set-aside');
});

it('settings that are wrong: the agent ends with 78, is not started again, and the analytics process goes on', async () => {
  const pid = await gateway.pidOf(ANALYTICS);
  const file = '/etc/datomic-gateway/agent.json';
  const good = (await gateway.instance.read(file)) ?? '';
  await gateway.instance.write(file, '{"sauce":1}');
  expect((await gateway.instance.run('systemctl', 'restart', AGENT)).status).not.toBe(0);
  const { ExecMainStatus, SubState } = await gateway.instance.show(AGENT, 'ExecMainStatus', 'SubState');
  expect([ExecMainStatus, SubState]).toEqual(['78', 'failed']);
  await gateway.instance.write(file, good);
  await gateway.instance.sh(`systemctl start ${AGENT}`);
  await gateway.waitForProven();
  expect(await gateway.pidOf(ANALYTICS)).toBe(pid);
  expect(findCondition(await gateway.status(), 'Healthy')?.status).toBe('True');
});
