/** Who gets in, and how far: one gateway with real systemd, sshd and nftables; each row leaves it as it was. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AccessRig,
  countStarts,
  createAccessRig,
  ENTRY_HOST,
  SECRET,
} from '../../support/access-rig.ts';
import { disposeInstances, type Instance } from '../../support/instance.ts';
import { until } from '../../support/until.ts';

const SSHD_FILE = '/etc/ssh/sshd_config.d/00-gateway.conf';
const SETTINGS_FILE = '/etc/datomic-gateway/agent.json';
const RULES_FILE = '/opt/datomic/gateway/client-access.nft';
const REFUSAL = /^This account only forwards ports .*\n$/;
const ANALYTICS = /^\{.*"starting"/;

let rig: AccessRig;
let gateway: Instance;

beforeAll(async () => {
  rig = await createAccessRig();
  await rig.putAccessKey(`# developers\n${rig.keys.access.line}\n`);
  await rig.sync();
  gateway = await rig.launch();
  await gateway.boot();
  await waitForServing();
});
afterAll(async () => {
  await disposeInstances();
  await rig?.dispose();
});

const waitForServing = () =>
  until(async () => {
    const text = await gateway.read('/run/datomic-gateway/status.json');
    return text !== null && JSON.parse(text).analytics.serving === true;
  });
const apply = () => gateway.run('systemctl', 'start', 'gateway-access.service');
const problems = async (): Promise<string[]> =>
  JSON.parse((await gateway.read('/run/datomic-access/status.json')) ?? '').problems.map(
    ({ reason }: { reason: string }) => reason,
  );

/** With a SOCKS tunnel as the original CLI opens it. */
async function withTunnel(work: () => Promise<void>, ...more: string[]): Promise<void> {
  const tunnel = await rig.tunnel(rig.keys.access, '-D', '8182', ...more);
  try {
    await work();
  } finally {
    const ended = once(tunnel, 'exit');
    tunnel.kill();
    await ended;
  }
}

describe('sshd', () => {
  it.each(['ec2-user', 'gateway-admin', 'root'])('is set for %s as the table says', async (user) => {
    const said = await gateway.sh(`sshd -T -C user=${user},host=developer,addr=192.0.2.2`);
    expect(said.split('\n').sort()).toEqual(
      (await readFile(`test/cases/sshd/${user}.txt`, 'utf8')).trim().split('\n').sort(),
    );
  });

  it('runs with these settings alone, whatever EC2 Instance Connect has put on its command line', async () => {
    const { ActiveState } = await gateway.show('ssh.service', 'ActiveState');
    expect(ActiveState).toBe('active');
    const [pid] = (await gateway.sh('systemctl show --property=MainPID --value ssh.service')).split('\n');
    expect(await gateway.sh(`tr '\\0' ' ' < /proc/${pid}/cmdline`)).toMatch(
      /^sshd: \/usr\/sbin\/sshd -D \[listener\]/,
    );
  });
});

describe('the restart of the original CLI', () => {
  it.each([
    ['quoted', 'sudo "/opt/datomic/presto-stop"'],
    ['bare', 'sudo /opt/datomic/presto-stop'],
  ])('with the path %s restarts the analytics process once, and prints nothing', async (_title, command) => {
    const starts = await countStarts(gateway);
    const { status, stdout, stderr } = await rig.ssh(rig.keys.access, 'ec2-user', command);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    await until(async () => (await countStarts(gateway)) > starts);
    await waitForServing();
    expect(await countStarts(gateway)).toBe(starts + 1);
    const answers = '/var/lib/datomic-gateway/answers';
    await until(async () => (await gateway.sh(`ls ${answers}`)) !== '');
    const owner = await gateway.sh(`cd ${answers} && cat * | grep -c '"by":"ec2-user"'`);
    expect(Number(owner)).toBeGreaterThan(0);
  });

  it.each([
    'id',
    '/opt/datomic/presto-stop',
    'sudo "/opt/datomic/presto-stop"; id',
    'sudo "/opt/datomic/presto-stop" now',
    'sudo  "/opt/datomic/presto-stop"',
    "sudo '/opt/datomic/presto-stop'",
    'sudo -s',
    'LD_PRELOAD=x sudo "/opt/datomic/presto-stop"',
    'sudo "/opt/datomic/presto-stop"\nid',
    '$(id)',
  ])('is the only command: %j is refused with a sentence', async (command) => {
    const starts = await countStarts(gateway);
    const { status, stdout, stderr } = await rig.ssh(rig.keys.access, 'ec2-user', command);
    expect({ status, stdout }).toEqual({ status: 77, stdout: '' });
    expect(stderr).toMatch(REFUSAL);
    expect(await countStarts(gateway)).toBe(starts);
  });

  it('is the only use: a shell, a terminal and file transfer are refused', async () => {
    const shell = await rig.ssh(rig.keys.access, 'ec2-user');
    expect([shell.status, shell.stdout]).toEqual([77, '']);
    const options = await rig.sshOptions(rig.keys.access);
    const terminal = await rig.run('ssh', '-tt', ...options, 'ec2-user@192.0.2.1');
    expect(terminal.stderr).toContain('PTY allocation request failed');
    const transfer = await rig.run('sftp', ...options, 'ec2-user@192.0.2.1:/etc/passwd', rig.dir);
    expect(transfer.status).not.toBe(0);
    expect(await gateway.sh('ls /var/lib/datomic-access')).not.toContain('passwd');
  });

  it('is all that ec2-user may do as root, even from a shell of its own', async () => {
    const as = (...command: string[]) => gateway.runWith({ user: 'ec2-user' }, 'sudo', '-n', ...command);
    for (const command of [
      ['id'],
      ['/opt/datomic/presto-stop', 'now'],
      ['-u', 'datomic-gateway', 'id'],
      ['-E', '/opt/datomic/presto-stop'],
    ]) {
      expect([command, (await as(...command)).status]).not.toEqual([command, 0]);
    }
    const listed = (await as('-l')).stdout;
    expect(listed.match(/^\s+\(.*$/gm)?.map((line) => line.trim())).toEqual([
      '(root) NOSETENV: NOPASSWD: /opt/datomic/presto-stop ""',
    ]);
  });
});

describe('a tunnel', () => {
  it('carries HTTP to the entry host and to the analytics process, in both spellings, and nowhere else', async () => {
    await withTunnel(async () => {
      expect(await rig.fetch(`http://${ENTRY_HOST}:8182/`)).toBe('entry');
      expect(await rig.fetch('http://localhost:8989/v1/info')).toMatch(ANALYTICS);
      expect(await rig.fetch('http://127.0.0.1:8989/v1/info')).toMatch(ANALYTICS);
      for (const url of [
        SECRET,
        `http://${ENTRY_HOST}:9999/`,
        'http://127.0.0.1:8991/healthz',
        'http://127.0.0.1:8992/',
        'http://[::1]:8992/',
        'http://169.254.169.254/latest/dynamic/instance-identity/document',
      ]) {
        expect([url, await rig.fetch(url)]).toEqual([url, null]);
      }
    });
  });

  it('as analytics access opens it leads to the analytics process', async () => {
    const tunnel = await rig.tunnel(rig.keys.access, '-L', '8989:localhost:8989');
    expect((await rig.run('curl', '-s', '-m', '10', 'http://127.0.0.1:8989/v1/info')).stdout).toMatch(
      ANALYTICS,
    );
    tunnel.kill();
  });

  it.each([
    [
      'a port that listens on the gateway',
      ['-N', '-R', '9000:127.0.0.1:22'],
      /remote port forwarding failed|forwarding failed/,
    ],
    ['a socket that listens on the gateway', ['-N', '-R', '/tmp/x:127.0.0.1:22'], /forwarding failed/],
    [
      'a tunnel device',
      ['-N', '-w', 'any'],
      /Tunnel (?:device|forwarding)|tunnel|administratively prohibited/i,
    ],
  ])('is not %s', async (_title, args, said) => {
    const options = await rig.sshOptions(rig.keys.access);
    const { status, stderr } = await rig.run(
      'timeout',
      '10',
      'ssh',
      ...options,
      '-o',
      'ExitOnForwardFailure=yes',
      ...args,
      'ec2-user@192.0.2.1',
    );
    expect(status).toBe(255);
    expect(stderr).toMatch(said);
  });

  it('is none to a socket of the gateway, and takes along neither agent nor display', async () => {
    const tunnel = await rig.tunnel(rig.keys.access, '-L', '9001:/run/dbus/system_bus_socket');
    expect((await rig.run('curl', '-s', '-m', '5', 'http://127.0.0.1:9001/')).status).not.toBe(0);
    tunnel.kill();
    // What the forced command would see of them.
    const file = '/opt/datomic/gateway/client-command';
    const before = (await gateway.read(file)) ?? '';
    await gateway.write(file, '#!/bin/sh\nenv | grep -c "SSH_AUTH_SOCK\\|DISPLAY"\n', 0o755);
    const options = await rig.sshOptions(rig.keys.access);
    const client = ['env', 'DISPLAY=127.0.0.1:0', 'ssh-agent', 'ssh', '-A', '-X', ...options];
    const { stdout, stderr } = await rig.run(...client, 'ec2-user@192.0.2.1', 'id');
    expect(stdout).toBe('0\n');
    expect(stderr).toContain('X11 forwarding request failed');
    await gateway.write(file, before, 0o755);
  });
});

describe('the packet filter', () => {
  /** As somebody in a hurry would widen it. */
  async function widen() {
    const before = (await gateway.read(SSHD_FILE)) ?? '';
    await gateway.write(SSHD_FILE, before.replace(/^ *Include .*$/m, '  PermitOpen any'));
    await gateway.sh('systemctl reload ssh');
    return async () => {
      await gateway.write(SSHD_FILE, before);
      await gateway.sh('systemctl reload ssh');
    };
  }
  const FORBIDDEN = [
    'http://169.254.169.254/latest/dynamic/instance-identity/document',
    'http://[fd00:ec2::254]/latest/dynamic/instance-identity/document',
    'http://127.0.0.1:8991/healthz',
    'http://localhost:8991/healthz',
    'http://127.0.0.1:8992/',
    'http://[::1]:8992/',
    'http://192.0.2.1:22/',
  ];

  it('keeps a widened PermitOpen from instance metadata and from the gateway itself', async () => {
    const narrow = await widen();
    await withTunnel(async () => {
      // Widened indeed.
      expect(await rig.fetch(SECRET)).toBe('secret');
      expect(await rig.fetch('http://127.0.0.1:8989/v1/info')).toMatch(ANALYTICS);
      // Names are looked up by the same process: both resolvers, and nothing else of theirs.
      expect(await rig.fetch('http://127.0.0.1:53/')).toBe('stub-resolver');
      expect(await rig.fetch('http://169.254.169.253:53/')).toBe('resolver');
      for (const url of FORBIDDEN) expect([url, await rig.fetch(url)]).toEqual([url, null]);
    });
    await narrow();
  });

  it('is what keeps it: without the rules all of that is reached, and a minute later they are back', async () => {
    const narrow = await widen();
    await withTunnel(async () => {
      await gateway.sh('nft delete table inet datomic_access');
      expect(await rig.fetch('http://127.0.0.1:8991/healthz')).not.toBeNull();
      expect(await rig.fetch('http://[::1]:8992/')).toBe('other');
      expect(await rig.fetch('http://169.254.169.254/')).not.toBeNull();
      await apply();
      for (const url of FORBIDDEN) expect([url, await rig.fetch(url)]).toEqual([url, null]);
    });
    await narrow();
  });

  it('that cannot be loaded keeps ec2-user out and lets administrators in', async () => {
    const rules = (await gateway.read(RULES_FILE)) ?? '';
    await gateway.write(RULES_FILE, 'no rules\n');
    expect((await apply()).status).not.toBe(0);
    expect(await problems()).toContain('PacketFilterMissing');
    expect((await rig.ssh(rig.keys.access, 'ec2-user', 'id')).stderr).toContain('Permission denied');
    expect((await rig.ssh(rig.keys.admin, 'gateway-admin', 'id -un')).stdout).toBe('gateway-admin\n');
    await gateway.write(RULES_FILE, rules);
    expect((await apply()).status).toBe(0);
    expect((await rig.ssh(rig.keys.access, 'ec2-user', 'id')).status).toBe(77);
  });

  it('is put back, or keeps ec2-user out, also while the settings cannot be read', async () => {
    const settings = (await gateway.read(SETTINGS_FILE)) ?? '';
    const rules = (await gateway.read(RULES_FILE)) ?? '';
    const mayLogIn = async () => (await rig.ssh(rig.keys.access, 'ec2-user', 'id')).status === 77;
    await gateway.write(SETTINGS_FILE, '{"sytem": 1}\n');
    await gateway.sh('nft delete table inet datomic_access');
    expect((await apply()).status).not.toBe(0);
    expect(await gateway.sh('nft list table inet datomic_access')).toMatch(/skuid \S+ jump client/);
    expect(await mayLogIn()).toBe(true);

    await gateway.write(RULES_FILE, 'no rules\n');
    expect((await apply()).status).not.toBe(0);
    expect(await mayLogIn()).toBe(false);

    await gateway.write(RULES_FILE, rules);
    await gateway.write(SETTINGS_FILE, settings);
    expect((await apply()).status).toBe(0);
    expect(await mayLogIn()).toBe(true);
  });
});
