/**
 * A gateway among its neighbours, each in a network of the test's own: the instance with real systemd, sshd and
 * nftables at 192.0.2.1, and at 192.0.2.2 "the rest of the world": S3 (moto), the Datomic entry host, a host that
 * nobody may be forwarded to, developers' ssh, and instance metadata (a stand-in) at its well-known addresses.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createInstance, type Instance, type Ran } from './instance.ts';
import { createNetwork, type Network } from './network.ts';
import { type KeyPairFiles, makeKeyPair } from './ssh-keys.ts';

export const GATEWAY = '192.0.2.1';
export const ENTRY_HOST = 'entry.acme.eu-west-1.datomic.net';
const WORLD = '192.0.2.2';
const S3 = `http://${WORLD}:5000`;
const SYSTEM = 'acme';
const BUCKET = 'acme-bucket';
const SIGNED = ['-sSf', '--aws-sigv4', 'aws:amz:eu-west-1:s3', '--user', 'x:x'];

export type AccessRig = Awaited<ReturnType<typeof createAccessRig>>;

export async function createAccessRig() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-access-'));
  const keys = {
    access: await makeKeyPair(dir, 'access'),
    rotated: await makeKeyPair(dir, 'rotated'),
    admin: await makeKeyPair(dir, 'admin'),
  };
  const keyPairFile = path.join(dir, 'key-pair');
  await writeFile(keyPairFile, `${keys.admin.line}\n`);
  const [home, world] = [await createNetwork(), await createNetwork()];
  await connect(home, world);
  const { stdout } = await promisify(execFile)('test/tools/setup-python.sh', ['--print-bin']);
  const moto = world.start(path.join(stdout.trim(), 'moto_server'), ['-H', WORLD, '-p', '5000']);
  await ready(moto, 'stderr', /Running on/);
  const around = world.start(
    process.execPath,
    [
      'test/support/vpc-server.mjs',
      `entry=${WORLD}:8182`,
      `secret=${WORLD}:9999`,
      'metadata=169.254.169.254:80',
      'metadata=[fd00:ec2::254]:80',
    ],
    { KEY_PAIR_FILE: keyPairFile },
  );
  await ready(around, 'stdout', /ready/);
  // On the gateway itself: stand-ins for the analytics process and the agent's port.
  const local = home.start(process.execPath, [
    'test/support/vpc-server.mjs',
    'analytics=127.0.0.1:8989',
    'agent=127.0.0.1:8991',
    'agent=[::1]:8991',
  ]);
  await ready(local, 'stdout', /ready/);

  const s3 = {
    async put(key: string, body: string) {
      const file = path.join(dir, 'object');
      await writeFile(file, body);
      await world.run('curl', ...SIGNED, '-T', file, `${S3}/${BUCKET}/${key}`);
    },
    get: (key: string) => world.run('curl', ...SIGNED, `${S3}/${BUCKET}/${key}`),
  };
  await world.run('curl', ...SIGNED, '-X', 'PUT', `${S3}/${BUCKET}`);

  /** A new instance of the system, switched off. */
  const launch = async (): Promise<Instance> => {
    const instance = await createInstance({ network: home });
    await instance.write(
      '/etc/datomic-gateway/agent.json',
      JSON.stringify({ system: SYSTEM, source: { uri: `s3://${BUCKET}` } }),
    );
    const environment = { AWS_ENDPOINT_URL: S3, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    await instance.write(
      '/etc/systemd/system.conf.d/test.conf',
      `[Manager]\nDefaultEnvironment=${lines.join(' ')}\n`,
    );
    await instance.write('/etc/hosts', `127.0.0.1 localhost\n${WORLD} ${ENTRY_HOST}\n`);
    await instance.enableSshd();
    return instance;
  };

  const run = (program: string, ...args: readonly string[]): Promise<Ran> =>
    runProgram([...world.enter, program, ...args]);
  const knownHosts = path.join(dir, 'known_hosts');
  /** The options of the original CLI, with the known_hosts line as it reads it. */
  const sshOptions = async (key: KeyPairFiles): Promise<string[]> => {
    await writeFile(knownHosts, await s3.get(`${SYSTEM}/datomic/access/private-keys/bastion.hostkey`));
    return [
      '-o',
      `UserKnownHostsFile=${knownHosts}`,
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
      '-i',
      key.file,
    ];
  };
  return {
    dir,
    keys,
    home,
    world,
    s3,
    launch,
    run,
    sshOptions,
    setKeyPair: (text: string) => writeFile(keyPairFile, text),
    putAccessKey: (text: string) => s3.put(`${SYSTEM}/datomic/access/public-keys/bastion.pub`, text),
    async ssh(key: KeyPairFiles, user: string, ...args: readonly string[]): Promise<Ran> {
      return await run('ssh', ...(await sshOptions(key)), `${user}@${GATEWAY}`, ...args);
    },
    /** A tunnel that stays; `args` say of which kind. */
    async tunnel(key: KeyPairFiles, ...args: readonly string[]): Promise<ChildProcess> {
      const options = ['-v', ...(await sshOptions(key)), '-o', 'ExitOnForwardFailure=yes', '-CN', ...args];
      const child = world.start('ssh', [...options, `ec2-user@${GATEWAY}`]);
      await ready(child, 'stderr', /Entering interactive session/);
      return child;
    },
    async dispose() {
      await home.dispose();
      await world.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function connect(home: Network, world: Network): Promise<void> {
  await home.run(
    'ip',
    'link',
    'add',
    'vpc',
    'type',
    'veth',
    'peer',
    'name',
    'vpc',
    'netns',
    String(world.pid),
  );
  const sides: [Network, string[]][] = [
    [home, [`${GATEWAY}/24`, 'fd00:ec2::1/64']],
    [world, [`${WORLD}/24`, 'fd00:ec2::254/64', '169.254.169.254/16']],
  ];
  for (const [network, addresses] of sides) {
    for (const address of addresses) {
      const nodad = address.includes('::') ? ['nodad'] : [];
      await network.run('ip', 'address', 'add', address, 'dev', 'vpc', ...nodad);
    }
    await network.run('ip', 'link', 'set', 'vpc', 'up');
  }
  await home.run('ip', 'route', 'add', '169.254.0.0/16', 'dev', 'vpc');
}

/** Resolves when the program has said it; rejects when it ends before. Its output is read on and dropped. */
function ready(child: ChildProcess, from: 'stdout' | 'stderr', what: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        if (text.length < 100_000) text += chunk.toString();
        if (name === from && what.test(text)) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}

async function runProgram([program = '', ...args]: readonly string[]): Promise<Ran> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? 128, ...texts };
}
