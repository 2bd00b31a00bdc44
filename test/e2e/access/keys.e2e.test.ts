/** Keys of people and of the gateway: made, followed, rotated, replaced. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostKeyOf, publicKeyOf } from '../../../agent/core/system-keys.ts';
import { type AccessRig, createAccessRig, ENTRY_HOST, GATEWAY, SYSTEM } from '../../support/access-rig.ts';
import { disposeInstances, type Instance } from '../../support/instance.ts';
import { until } from '../../support/until.ts';

const DENIED = 255;
/** Logged in, and refused by the forced command. */
const IN = 77;

let rig: AccessRig;
let gateway: Instance;

beforeAll(async () => {
  rig = await createAccessRig();
  gateway = await rig.launch({ everySeconds: 3 });
});
afterAll(async () => {
  await disposeInstances();
  await rig?.dispose();
});

const apply = (instance = gateway) => instance.run('systemctl', 'start', 'gateway-access.service');
const problems = async (instance = gateway): Promise<string[]> =>
  JSON.parse((await instance.read('/run/datomic-access/status.json')) ?? '{"problems":[]}').problems.map(
    ({ reason }: { reason: string }) => reason,
  );
const login = async (key: keyof AccessRig['keys'], user = 'ec2-user') =>
  (await rig.ssh(rig.keys[key], user, 'id -un')).status;

it('the first boot makes a host key, and puts its public line where the original reads it', async () => {
  await gateway.boot();
  const line = await until(async () => rig.s3.get(hostKeyOf(SYSTEM)).catch(() => null));
  const made = (await gateway.read('/etc/ssh/ssh_host_ed25519_key.pub')) ?? '';
  expect(line).toBe(`* ${made.split(' ').slice(0, 2).join(' ')}\n`);
  expect(line).not.toContain('PRIVATE');
  expect(await gateway.sh('ls /etc/ssh | grep -c ssh_host')).toBe('2');
  expect(await gateway.sh('stat -c %a:%U /etc/ssh/ssh_host_ed25519_key')).toBe('600:root');
});

it('before there is an access key nobody logs in as ec2-user, and the status says what to do', async () => {
  await until(async () => (await problems()).includes('KeysAbsent'));
  expect(await login('access')).toBe(DENIED);
  await until(
    async () => {
      const status = JSON.parse(
        (await gateway.read('/run/datomic-gateway/status.json')) ?? '{"conditions":[]}',
      );
      return status.conditions.some(
        ({ type, message }: { type: string; message: string }) =>
          type === 'ClientAccess' && message.includes('gatewayctl gateway keys'),
      );
    },
    { timeoutMs: 40_000 },
  );
});

it('a key that is put is followed by the timer, without a hand on the machine', async () => {
  await rig.putAccessKey(`${rig.keys.access.line}\n`);
  await until(async () => (await login('access')) === IN, { timeoutMs: 30_000 });
  expect(await login('stranger')).toBe(DENIED);
});

it('a rotated key gets in and the old one does not; two keys do while both are there', async () => {
  await rig.putAccessKey(`${rig.keys.access.line}\n# new\n${rig.keys.rotated.line}\n`);
  await apply();
  expect([await login('access'), await login('rotated')]).toEqual([IN, IN]);
  await rig.putAccessKey(`${rig.keys.rotated.line}\n`);
  await apply();
  expect([await login('access'), await login('rotated')]).toEqual([DENIED, IN]);
});

it('options, certificates and rubbish are not honoured, and a file without a key changes nothing', async () => {
  const { access, rotated, stranger } = rig.keys;
  await rig.putAccessKey(
    `permitopen="*:*",pty ${stranger.line}\ncert-authority ${stranger.line}\n${rotated.line}\n`,
  );
  await apply();
  expect(await problems()).toEqual(['KeysPartly', 'KeysPartly']);
  expect([await login('stranger'), await login('rotated')]).toEqual([DENIED, IN]);
  for (const text of ['', '<html>', `command="x" ${access.line}\n`, 'x'.repeat(70_000)]) {
    await rig.putAccessKey(text);
    expect((await apply()).status).toBe(0);
    expect([await problems(), await login('rotated')]).toEqual([['KeysInvalid'], IN]);
  }
  await rig.s3.remove(publicKeyOf(SYSTEM));
  await apply();
  expect([await problems(), await login('rotated')]).toEqual([['KeysAbsent'], IN]);
  await rig.putAccessKey(`${rotated.line}\n`);
  await apply();
  expect(await problems()).toEqual([]);
});

it('keys in homes, and those of EC2 Instance Connect, let nobody in', async () => {
  const { stranger } = rig.keys;
  for (const home of ['/root', '/home/gateway-admin', '']) {
    await gateway.write(`${home}/.ssh/authorized_keys`, `${stranger.line}\n`, 0o600);
  }
  await gateway.sh('chown -R gateway-admin /home/gateway-admin/.ssh');
  for (const user of ['ec2-user', 'gateway-admin', 'root', 'datomic-gateway']) {
    expect([user, await login('stranger', user)]).toEqual([user, DENIED]);
  }
  // The command is there and gives a key to whoever runs it.
  const command = '/usr/share/ec2-instance-connect/eic_run_authorized_keys';
  expect(await gateway.sh(command)).toBe(stranger.line);
});

it('ec2-user as Amazon Linux brings it loses shell, groups and sudo at the next boot', async () => {
  const usermod = ['usermod', '--shell', '/bin/bash', '--home', '/home/ec2-user', '--groups', 'adm,sudo'];
  // As long as the last session ends, usermod refuses; at a boot there is none.
  const change = (...command: string[]) =>
    until(async () => (await gateway.run('env', ...command)).status === 0);
  await change(...usermod, 'ec2-user');
  await gateway.write('/etc/sudoers.d/90-cloud-init-users', 'ec2-user ALL=(ALL) NOPASSWD:ALL\n', 0o440);
  expect((await gateway.runWith({ user: 'ec2-user' }, 'sudo', '-n', 'id')).status).toBe(0);
  await change('systemctl', 'restart', 'gateway-access-setup.service');
  expect(await gateway.sh('getent passwd ec2-user | cut -d: -f6-; id -nG ec2-user')).toBe(
    '/:/bin/sh\nec2-user',
  );
  expect((await gateway.runWith({ user: 'ec2-user' }, 'sudo', '-n', 'id')).status).not.toBe(0);
  expect(await login('rotated')).toBe(IN);
});

it('the EC2 key pair is that of gateway-admin alone, who may become root', async () => {
  const { admin, rotated } = rig.keys;
  const { stdout } = await rig.ssh(admin, 'gateway-admin', 'sudo -n id -un');
  expect(stdout).toBe('root\n');
  expect(await login('admin')).toBe(DENIED);
  expect((await rig.ssh(rotated, 'gateway-admin', 'id')).status).toBe(DENIED);
  await rig.setKeyPair('');
  await apply();
  expect((await rig.ssh(admin, 'gateway-admin', 'id')).status).toBe(DENIED);
  await rig.setKeyPair(`${admin.line}\n`);
  await apply();
  expect((await rig.ssh(admin, 'gateway-admin', 'id')).status).toBe(0);
});

it('after a boot with S3 out of reach those log in who could before', async () => {
  const options = await rig.sshOptions(rig.keys.rotated);
  await gateway.powerOff();
  await rig.s3.stop();
  await gateway.boot();
  const attempt = async () => (await rig.run('ssh', ...options, `ec2-user@${GATEWAY}`, 'id')).status === IN;
  await until(attempt, { timeoutMs: 20_000 });
  await rig.s3.start();
});

it('a replaced instance has another host key, and an open tunnel follows it', async () => {
  const { rotated } = rig.keys;
  await rig.putAccessKey(`${rotated.line}\n`);
  await rig.putPrivateKey(rotated);
  await rig.register();
  await apply();
  const before = await rig.s3.get(hostKeyOf(SYSTEM));
  const tunnel = rig.gatewayctl('client', 'access', SYSTEM, '--ssho', `HostName=${GATEWAY}`);
  let said = '';
  for (const stream of [tunnel.stdout, tunnel.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const carries = async () => (await rig.fetch(`http://${ENTRY_HOST}:8182/`)) === 'entry';
  await until(carries, { timeoutMs: 60_000, describe: () => said });

  const restart = rig.gatewayctl('gateway', 'restart', SYSTEM, '--ssh', '--ssho', `HostName=${GATEWAY}`);
  expect(await once(restart, 'exit')).toEqual([0, null]);
  expect(await gateway.sh(`grep -l '"by":"ec2-user"' /var/lib/datomic-gateway/*/restart-*.json`)).not.toBe(
    '',
  );

  await gateway.powerOff();
  const replacement = await rig.launch();
  await replacement.boot();
  await until(async () => (await rig.s3.get(hostKeyOf(SYSTEM))) !== before);
  // The line before is refused, as it must be.
  const stale = `${rig.dir}/stale`;
  await rig.run('sh', '-c', `printf '%s' "$1" > ${stale}`, 'sh', before);
  const options = ['-o', `UserKnownHostsFile=${stale}`, '-o', 'BatchMode=yes', '-i', rotated.file];
  const { stderr } = await rig.run('ssh', ...options, `ec2-user@${GATEWAY}`, 'id');
  expect(stderr).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  await until(carries, { timeoutMs: 60_000, describe: () => said });
  tunnel.kill();
  expect(await readFile(stale, 'utf8')).toBe(before);
});
