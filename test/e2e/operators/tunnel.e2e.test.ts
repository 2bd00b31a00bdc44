/** Tunnels through a real ssh and a real sshd: what they carry, and what brings them back. */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { SocksClient } from 'socks';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { isProcessAlive } from '../../../agent/adapters/process-alive.ts';
import { findFreePort } from '../../support/free-port.ts';
import { startMoto } from '../../support/moto-server.ts';
import type { Program } from '../../support/rig-agent.ts';
import { canConnect, makeKeyPair } from '../../support/sshd.ts';
import { createTunnelRig, nameOf, type TunnelRig } from '../../support/tunnel-rig.ts';
import { until } from '../../support/until.ts';

let rig: TunnelRig;
beforeEach(async () => {
  rig = await createTunnelRig(inject('motoEndpoint'));
});
afterEach(() => rig.dispose());

const DATOMIC = '{:s3-auth-path "acme-auth"}';
const ENGINE = JSON.stringify({ nodeVersion: { version: '348' }, starting: false, uptime: '3.00m' });

const waitForLine = (program: Program, text: string | RegExp, timeoutMs = 30_000) =>
  until(
    () =>
      program
        .stdout()
        .split('\n')
        .find((line) => new RegExp(text).test(line)) ?? null,
    {
      timeoutMs,
      describe: () => `${text} in ${program.stdout()}${program.stderr()}`,
    },
  );

/** GET by hand, so that each request is a connection of its own through the tunnel. */
async function getThroughSocks(port: number, host: string, hostPort: number): Promise<string> {
  const { socket } = await SocksClient.createConnection({
    proxy: { host: '127.0.0.1', port, type: 5 },
    command: 'connect',
    destination: { host, port: hostPort },
  });
  return await new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    socket.resume();
  });
}

const entryHost = () => `entry.${rig.system.name}.eu-west-1.datomic.net`;

describe('what a tunnel carries', () => {
  it('HTTP over SOCKS, with names resolved at the gateway, and leaves no ssh behind', async () => {
    await rig.launchGateway();
    await rig.listenAsDatomic(() => DATOMIC);
    const port = await findFreePort();
    const tunnel = rig.startTunnel('client', port);
    await waitForLine(tunnel, 'SOCKS on 127.0.0.1');
    expect(await getThroughSocks(port, entryHost(), 8182)).toContain(DATOMIC);
    expect(statSync(rig.keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(`${rig.keyFile}.hostkey`).mode & 0o777).toBe(0o600);

    const pids = rig.sshPids(tunnel);
    expect(pids).toHaveLength(1);
    expect(await tunnel.end('SIGINT')).toMatchObject({ code: 0, stderr: '' });
    expect(pids.filter(isProcessAlive)).toEqual([]);
    expect(await canConnect(port)).toBe(false);
  });

  it('SQL over a forwarded port', async () => {
    const gateway = await rig.launchGateway();
    await rig.listenAsEngine((url) => (url === '/v1/info' ? ENGINE : 'other'));
    const port = await findFreePort();
    const tunnel = rig.startTunnel('analytics', port, '--json');
    await waitForLine(tunnel, '"event":"up"');
    const { event, instance, address } = JSON.parse(tunnel.stdout());
    expect({ event, instance, address }).toEqual({
      event: 'up',
      instance: gateway.id,
      address: gateway.publicIp,
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/v1/info`)).text()).toBe(ENGINE);
    expect(await tunnel.end('SIGTERM')).toMatchObject({ code: 0 });
  });
});

describe('what brings a tunnel back', () => {
  it('a server that is away for a moment', async () => {
    const gateway = await rig.launchGateway();
    await rig.listenAsDatomic(() => DATOMIC);
    const port = await findFreePort();
    const tunnel = rig.startTunnel('client', port);
    await waitForLine(tunnel, 'SOCKS on');
    await gateway.sshd.kill();
    await waitForLine(tunnel, 'lost, looking for the gateway again');
    await rig.restartSshd(gateway);
    await waitForLine(tunnel, 'up again after', 5_000 + 3_000);
    expect(await getThroughSocks(port, entryHost(), 8182)).toContain(DATOMIC);
    await tunnel.end('SIGINT');
  });

  it('a new instance with another address, host key and access key', async () => {
    const first = await rig.launchGateway();
    await rig.listenAsDatomic(() => DATOMIC);
    const port = await findFreePort();
    const tunnel = rig.startTunnel('client', port);
    await waitForLine(tunnel, `${first.id}, ${first.publicIp}`);
    await first.sshd.kill();
    await rig.system.terminate(first.id);
    await waitForLine(tunnel, 'no gateway of');
    const second = await rig.launchGateway();
    expect(second.publicIp).not.toBe(first.publicIp);
    await waitForLine(tunnel, `${second.id}, ${second.publicIp}.*up again after.*instance was replaced`);
    expect(await getThroughSocks(port, entryHost(), 8182)).toContain(DATOMIC);
    expect(readFileSync(rig.keyFile, 'utf8')).toBe(second.accessKey.privateKey);
    await tunnel.end('SIGINT');
  });

  it('keys that come to the bucket after the new instance', async () => {
    const gateway = await rig.launchGateway();
    const port = await findFreePort();
    const tunnel = rig.startTunnel('client', port);
    await waitForLine(tunnel, 'SOCKS on');
    await gateway.sshd.kill();
    const hostKey = await makeKeyPair();
    await rig.restartSshd(gateway, { hostKey });
    await waitForLine(tunnel, 'does not show the host key');
    expect(tunnel.isRunning()).toBe(true);
    await rig.putKeys(hostKey, gateway.accessKey);
    await waitForLine(tunnel, 'up again after');
    await tunnel.end('SIGINT');
  });

  it('also while AWS does not answer, with what was found last', async () => {
    const gateway = await rig.launchGateway();
    const port = await findFreePort();
    // Of its own, so that it can go.
    const own = await startMoto();
    const other = await createTunnelRig(own.endpoint);
    try {
      other.setRoute((await other.system.launch()).publicIp, gateway.sshd.port);
      await other.putKeys(gateway.hostKey, gateway.accessKey);
      const tunnel = other.startTunnel('client', port);
      await waitForLine(tunnel, 'SOCKS on');
      await own.close();
      await gateway.sshd.kill();
      await waitForLine(tunnel, 'lost');
      await rig.restartSshd(gateway);
      await waitForLine(tunnel, 'up again after', 60_000);
      await tunnel.end('SIGINT');
    } finally {
      await other.dispose();
      await own.close();
    }
  });
});

describe('what a tunnel refuses', () => {
  it('a server with another host key than the bucket names, at once and plainly', async () => {
    const gateway = await rig.launchGateway();
    await rig.putKeys(await makeKeyPair(), gateway.accessKey);
    const port = await findFreePort();
    const ended = await rig.startTunnel('client', port).ended(30_000);
    expect(ended.code).toBe(77);
    expect(ended.stderr).toMatch(/^gatewayctl: refused: [\d.]+ does not show the host key .*\[77\]\n$/);
    expect(ended.stdout).toBe('');
  });

  it('an access key that the server does not take', async () => {
    const gateway = await rig.launchGateway();
    await rig.putKeys(gateway.hostKey, await makeKeyPair());
    const ended = await rig.startTunnel('client', await findFreePort()).ended(30_000);
    expect(ended).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('does not accept the access key'),
    });
  });

  it('a port that is taken, and says by what', async () => {
    await rig.launchGateway();
    const server = net.createServer().listen(0, '127.0.0.1');
    const { port } = (await until(() => server.address())) as net.AddressInfo;
    try {
      const ended = await rig.startTunnel('client', port).ended(30_000);
      const owner = `port ${port} is taken by ${nameOf(process.pid)} (pid ${process.pid}): another tunnel? Use --port.`;
      expect(ended).toMatchObject({ code: 73, stderr: expect.stringContaining(owner) });
    } finally {
      server.close();
    }
  });

  it('an option that ssh does not know', async () => {
    await rig.launchGateway();
    const ended = await rig
      .startTunnel('client', await findFreePort(), '--ssho', 'Compresion=no')
      .ended(30_000);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('Correct --ssho') });
  });
});

describe('how a tunnel ends', () => {
  it('ssh goes with it when it is killed', async () => {
    await rig.launchGateway();
    const port = await findFreePort();
    const tunnel = rig.startTunnel('client', port);
    await waitForLine(tunnel, 'SOCKS on');
    const pids = rig.sshPids(tunnel);
    expect(pids).toHaveLength(1);
    await tunnel.end('SIGKILL');
    await until(() => !pids.some(isProcessAlive), { timeoutMs: 5_000 });
    expect(await canConnect(port)).toBe(false);
  });
});

describe('the test through a tunnel', () => {
  it('prints what Datomic answers and ends', async () => {
    await rig.launchGateway();
    await rig.listenAsDatomic(() => DATOMIC);
    const ended = await rig.startTunnel('client', await findFreePort(), '--check').ended(30_000);
    expect(ended).toMatchObject({ code: 0, stdout: `${DATOMIC}\n` });
    expect(ended.stderr).toContain('Datomic answers: its clients log in through s3://acme-auth');
  });

  it('uses the tunnel that is open on that port', async () => {
    await rig.launchGateway();
    await rig.listenAsEngine(() => ENGINE);
    const port = await findFreePort();
    const tunnel = rig.startTunnel('analytics', port);
    await waitForLine(tunnel, 'SQL on');
    const ended = await rig.startTunnel('analytics', port, '--check').ended(30_000);
    expect(ended).toMatchObject({ code: 0, stdout: `${ENGINE}\n` });
    expect(ended.stderr).toContain('through the tunnel that is open on port');
    expect(ended.stderr).toContain('the engine 348 answers');
    await tunnel.end('SIGINT');
  });

  it('tells a tunnel that works from what is behind it', async () => {
    await rig.launchGateway();
    const nobody = await rig.startTunnel('client', await findFreePort(), '--check').ended(30_000);
    expect(nobody).toMatchObject({ code: 69 });
    expect(nobody.stderr).toMatch(/the tunnel works, and the gateway cannot reach Datomic \(.*refused\)/);
    const starting = JSON.stringify({ nodeVersion: { version: '348' }, starting: true });
    await rig.listenAsEngine(() => starting);
    const engine = await rig.startTunnel('analytics', await findFreePort(), '--check').ended(30_000);
    expect(engine).toMatchObject({ code: 69, stderr: expect.stringContaining('engine 348 is starting') });
  });

  it('says what sshd does not permit', async () => {
    await rig.launchGateway(['PermitOpen localhost:8989']);
    await rig.listenAsDatomic(() => DATOMIC);
    const ended = await rig.startTunnel('client', await findFreePort(), '--check').ended(30_000);
    expect(ended).toMatchObject({ code: 69, stderr: expect.stringContaining('administratively prohibited') });
  });
});

describe('over Session Manager', () => {
  /** Stand-ins for the AWS CLI and its plugin: the session is the route to the instance. */
  function installStandIns(...names: string[]): Record<string, string> {
    const script = `#!/bin/sh
# Stand-in of the AWS CLI: aws ssm start-session --target ID --document-name NAME --parameters portNumber=22
echo "$AWS_REGION $AWS_PROFILE $*" >'${rig.home}/session'
exec '${process.execPath}' '${path.resolve('test/support/route.mjs')}' '${rig.routesFile}' "$4"
`;
    for (const name of names) {
      writeFileSync(path.join(rig.home, name), script);
      chmodSync(path.join(rig.home, name), 0o755);
    }
    return { PATH: `${rig.home}:/usr/bin:/bin` };
  }
  const command = (port: number) => [
    'client',
    'access',
    rig.system.name,
    '--port',
    String(port),
    '--via',
    'ssm',
  ];
  const user = () => rig.network.slice(2);

  it('carries HTTP, with the session opened to the instance', async () => {
    const gateway = await rig.launchGateway();
    await rig.listenAsDatomic(() => DATOMIC);
    const env = installStandIns('aws', 'session-manager-plugin');
    const port = await findFreePort();
    const tunnel = rig.start([...command(port), ...user()], env);
    await waitForLine(tunnel, `SOCKS on .*${gateway.id}`);
    expect(await getThroughSocks(port, entryHost(), 8182)).toContain(DATOMIC);
    expect(readFileSync(path.join(rig.home, 'session'), 'utf8')).toBe(
      `eu-west-1  ssm start-session --target ${gateway.id} --document-name AWS-StartSSHSession --parameters portNumber=22\n`,
    );
    const pids = rig.sshPids(tunnel);
    await tunnel.end('SIGINT');
    expect(pids.filter(isProcessAlive)).toEqual([]);
  });

  it('needs two programs, and names the one that is missing', async () => {
    await rig.launchGateway();
    const plugin = await rig.start(command(9), installStandIns('aws')).ended(30_000);
    expect(plugin).toMatchObject({
      code: 69,
      stderr: expect.stringContaining(
        'no session-manager-plugin in PATH. Install the Session Manager plugin',
      ),
    });
  });
});

describe('a restart the original way', () => {
  const restart = (...more: string[]) =>
    rig.start(['gateway', 'restart', rig.system.name, ...rig.network, ...more]);

  it('sends what the original sends, word for word, and does not wait', async () => {
    // In place of the forced command of a gateway.
    const said = path.join(rig.home, 'said');
    await rig.launchGateway([`ForceCommand echo "$SSH_ORIGINAL_COMMAND" >${said}`]);
    const ended = await restart('--ssh').ended(30_000);
    expect(ended).toMatchObject({ code: 0, stdout: 'Access Gateway is restarting\n', stderr: '' });
    expect(readFileSync(said, 'utf8')).toBe('sudo "/opt/datomic/presto-stop"\n');
  });

  it('says that the gateway did not take it', async () => {
    await rig.launchGateway(['ForceCommand echo "not on this machine" >&2; exit 3']);
    const ended = await restart().ended(30_000);
    expect(ended).toMatchObject({ code: 69, stdout: '' });
    expect(ended.stderr).toMatch(
      /^gatewayctl: i-\w+ did not take the restart \(exit code 3\): not on this machine\. /,
    );
  });

  it('refuses a wrong host key as a tunnel does', async () => {
    const gateway = await rig.launchGateway();
    await rig.putKeys(await makeKeyPair(), gateway.accessKey);
    expect(await restart().ended(30_000)).toMatchObject({
      code: 77,
      stderr: expect.stringContaining('does not show the host key'),
    });
  });
});
