/**
 * A gateway among its neighbours, each in a network of the test's own: the instance with real systemd, sshd and
 * nftables at 192.0.2.1, and at 192.0.2.2 "the rest of the world": S3 (moto), the Datomic entry host, a host that
 * nobody may be forwarded to, developers' ssh, and instance metadata (a stand-in) at its well-known addresses.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { hostKeyOf, privateKeyOf, publicKeyOf } from '../../agent/core/system-keys.ts';
import { createInstance, type Instance, type Ran } from './instance.ts';
import { DATA, ENGINE_HOME, NODE } from './instance-gateway.ts';
import { createNetwork, type Network } from './network.ts';
import { type KeyPairFiles, makeKeyPair } from './ssh-keys.ts';

export const GATEWAY = '192.0.2.1';
export const ENTRY_HOST = 'entry.acme.eu-west-1.datomic.net';
export const SYSTEM = 'acme';
const WORLD = '192.0.2.2';
/** Nobody is to be forwarded to it. */
export const SECRET = `http://${WORLD}:9999/`;
const S3 = `http://${WORLD}:5000`;
const BUCKET = 'acme-bucket';
const SIGNED = ['-sSf', '--aws-sigv4', 'aws:amz:eu-west-1:s3', '--user', 'x:x'];
const RECORD = `${DATA}/record.jsonl`;

/** The defaults wait for slower machines and tools than these. */
const QUICK = {
  'source.listInterval': '500ms',
  'source.settle': '500ms',
  'restart.stable': '500ms',
  'restart.spacing': '1s',
};

export type AccessRig = Awaited<ReturnType<typeof createAccessRig>>;

export async function createAccessRig() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-access-'));
  const keys = {
    access: await makeKeyPair(dir, 'access'),
    rotated: await makeKeyPair(dir, 'rotated', '-t', 'rsa', '-b', '3072'),
    admin: await makeKeyPair(dir, 'admin'),
    stranger: await makeKeyPair(dir, 'stranger'),
  };
  const keyPairFile = path.join(dir, 'key-pair');
  await writeFile(keyPairFile, `${keys.admin.line}\n`);
  const { stdout } = await promisify(execFile)('test/tools/setup-python.sh', ['--print-bin']);
  const pythonBin = stdout.trim();
  const [home, world] = [await createNetwork(), await createNetwork()];
  await connect(home, world);
  const startS3 = async () => {
    const moto = world.start(path.join(pythonBin, 'moto_server'), ['-H', WORLD, '-p', '5000']);
    await ready(moto, 'stderr', /Running on/);
    await world.run('curl', '-sSf', '-X', 'PUT', `${S3}/${BUCKET}`);
    return moto;
  };
  let moto = await startS3();
  const servers = [
    'entry=192.0.2.2:8182',
    'secret=192.0.2.2:9999',
    'metadata=169.254.169.254:80',
    'metadata=[fd00:ec2::254]:80',
    'resolver=169.254.169.253:53',
  ];
  const answering = ['test/support/vpc-server.mjs', ...servers];
  await ready(world.start(process.execPath, answering, { KEY_PAIR_FILE: keyPairFile }), 'stdout', /ready/);
  // Something else on the gateway itself, as there may be.
  const other = [
    'test/support/vpc-server.mjs',
    'other=127.0.0.1:8992',
    'other=[::1]:8992',
    'stub-resolver=127.0.0.1:53',
  ];
  await ready(home.start(process.execPath, other), 'stdout', /ready/);

  const s3 = {
    async put(key: string, body: string) {
      const file = path.join(dir, 'object');
      await writeFile(file, body);
      await world.run('curl', ...SIGNED, '-T', file, `${S3}/${BUCKET}/${key}`);
    },
    get: (key: string) => world.run('curl', ...SIGNED, `${S3}/${BUCKET}/${key}`),
    remove: (key: string) => world.run('curl', ...SIGNED, '-X', 'DELETE', `${S3}/${BUCKET}/${key}`),
    /** It is away, with all that lay in it. */
    async stop() {
      const ended = once(moto, 'exit');
      moto.kill('SIGKILL');
      await ended;
    },
    async start() {
      moto = await startS3();
    },
  };
  const sync = async () => {
    for (const name of ['catalog/shop.properties', 'datomic/shop.edn']) {
      const text = await readFile(path.join('test/example', name), 'utf8');
      await s3.put(`${SYSTEM}/datomic/analytics/${SYSTEM}/etc/${name}`, text);
    }
  };

  const operator = {
    AWS_ENDPOINT_URL: S3,
    AWS_ENDPOINT_URL_S3: S3,
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_REGION: 'eu-west-1',
    // The AWS CLI knows this one alone.
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: dir,
  };
  const aws = (...args: readonly string[]) => {
    const variables = Object.entries(operator).map(([name, value]) => `${name}=${value}`);
    return world.run('env', ...variables, path.join(pythonBin, 'aws'), ...args);
  };
  /** Tells EC2 and S3 what the stack would tell: the bucket is the system's, and an instance is its gateway. */
  const register = async () => {
    const tags = `TagSet=[{Key=datomic:system,Value=${SYSTEM}}]`;
    await aws('s3api', 'put-bucket-tagging', '--bucket', BUCKET, '--tagging', tags);
    const named = `ResourceType=instance,Tags=[{Key=Name,Value=${SYSTEM}-bastion},{Key=datomic:system,Value=${SYSTEM}}]`;
    await aws(
      'ec2',
      'run-instances',
      '--image-id',
      'ami-12c6146b',
      '--count',
      '1',
      '--tag-specifications',
      named,
    );
  };

  /** A new instance of the system, switched off. */
  const launch = async (options: { readonly everySeconds?: number } = {}): Promise<Instance> => {
    const instance = await createInstance({ network: home });
    const settings = {
      system: SYSTEM,
      'source.uri': `s3://${BUCKET}`,
      'analytics.engine': 'stand-in',
      'analytics.command': [NODE, `${ENGINE_HOME}/engine.mjs`],
      ...QUICK,
    };
    await instance.write('/etc/datomic-gateway/agent.json', JSON.stringify(settings));
    const environment = {
      AWS_ENDPOINT_URL: S3,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://169.254.169.254',
    };
    const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
    await instance.write('/etc/datomic-gateway/environment', lines.join(''), 0o600);
    await instance.write('/etc/hosts', `127.0.0.1 localhost ${os.hostname()}\n${WORLD} ${ENTRY_HOST}\n`);
    await installStandIn(instance);
    if (options.everySeconds !== undefined) {
      const lines = [
        '[Timer]',
        'OnUnitInactiveSec=',
        'OnActiveSec=0',
        `OnUnitInactiveSec=${options.everySeconds}`,
      ];
      const file = '/etc/systemd/system/gateway-access.timer.d/quick.conf';
      await instance.write(file, `${[...lines, 'AccuracySec=1'].join('\n')}\n`);
    }
    await installInstanceConnect(instance, keys.stranger);
    await instance.enableSshd();
    return instance;
  };

  const knownHosts = path.join(dir, 'known_hosts');
  /** The options of the original CLI, with the known_hosts line as it reads it. */
  const sshOptions = async (key: KeyPairFiles): Promise<string[]> => {
    await writeFile(knownHosts, await s3.get(hostKeyOf(SYSTEM)));
    const options = [`UserKnownHostsFile=${knownHosts}`, 'IdentitiesOnly=yes', 'BatchMode=yes'];
    return [...options.flatMap((option) => ['-o', option]), '-i', key.file];
  };
  /** Runs a program where developers are. Resolves whatever its exit status. */
  const run = (...command: readonly string[]): Promise<Ran> => runProgram([...world.enter, ...command]);

  return {
    dir,
    networks: { home, world },
    keys,
    s3,
    sync,
    launch,
    run,
    knownHosts,
    sshOptions,
    /** The key pair that instances are launched with; empty: none. */
    setKeyPair: (text: string) => writeFile(keyPairFile, text),
    putAccessKey: (text: string) => s3.put(publicKeyOf(SYSTEM), text),
    putPrivateKey: async (key: KeyPairFiles) =>
      s3.put(privateKeyOf(SYSTEM), await readFile(key.file, 'utf8')),
    ssh: async (key: KeyPairFiles, user: string, ...args: readonly string[]): Promise<Ran> =>
      run('ssh', ...(await sshOptions(key)), `${user}@${GATEWAY}`, ...args),
    /** A tunnel that stays; `args` say of which kind. */
    async tunnel(key: KeyPairFiles, ...args: readonly string[]): Promise<ChildProcess> {
      const options = ['-v', ...(await sshOptions(key)), '-o', 'ExitOnForwardFailure=yes', '-CN', ...args];
      const child = world.start('ssh', [...options, `ec2-user@${GATEWAY}`]);
      await ready(child, 'stderr', /Entering interactive session/);
      return child;
    },
    register,
    /** `gatewayctl` on a developer's machine, until it is killed. */
    gatewayctl: (...args: readonly string[]): ChildProcess =>
      world.start(process.execPath, ['dist/gatewayctl.cjs', ...args], operator),
    /** What answers through the SOCKS tunnel at 127.0.0.1:8182; null when nothing does. */
    async fetch(url: string): Promise<string | null> {
      const { status, stdout: text } = await run(
        'curl',
        '-s',
        '-m',
        '10',
        '-x',
        'socks5h://127.0.0.1:8182',
        url,
      );
      return status === 0 ? text : null;
    },
    async dispose() {
      await home.dispose();
      await world.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** How often the analytics process has been started. */
export async function countStarts(instance: Instance): Promise<number> {
  const lines = ((await instance.read(RECORD)) ?? '').split('\n').filter((line) => line !== '');
  return lines.filter((line) => JSON.parse(line).kind === 'start').length;
}

async function installStandIn(instance: Instance): Promise<void> {
  for (const name of (await readdir('test/stand-in')).filter((file) => file.endsWith('.mjs'))) {
    await instance.write(`${ENGINE_HOME}/${name}`, await readFile(path.join('test/stand-in', name)));
  }
  const lines = [`GATEWAY_STARTED_DIR=/run/datomic-analytics/started`, `STAND_IN_RECORD=${RECORD}`];
  await instance.write(
    '/etc/systemd/system/datomic-analytics.service.d/stand-in.conf',
    `[Service]\n${lines.map((line) => `Environment=${line}\n`).join('')}`,
  );
}

/** As the package of Amazon Linux does it: an AuthorizedKeysCommand on sshd's command line. The keys are ours. */
async function installInstanceConnect(instance: Instance, key: KeyPairFiles): Promise<void> {
  const command = '/usr/share/ec2-instance-connect/eic_run_authorized_keys';
  await instance.write(command, `#!/bin/sh\necho '${key.line}'\n`, 0o755);
  const options = `-o "AuthorizedKeysCommand ${command} %%u %%f" -o "AuthorizedKeysCommandUser root"`;
  await instance.write(
    '/usr/lib/systemd/system/ssh.service.d/ec2-instance-connect.conf',
    `[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D ${options} $SSHD_OPTS\n`,
  );
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
    [world, [`${WORLD}/24`, 'fd00:ec2::254/64', '169.254.169.254/16', '169.254.169.253/16']],
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
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(program, args, { stdio: [...stdio], timeout: 60_000, killSignal: 'SIGKILL' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? 128, ...texts };
}
