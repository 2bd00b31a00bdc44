/**
 * A bake as a pipeline runs it: Debian's Packer, the template of `packer/` with the source of `test/image/`, moto for
 * EC2, and in place of the machine that EC2 would start a container with systemd, into which Packer logs in by ssh.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DescribeImagesCommand, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { findFreePort } from './free-port.ts';
import { createInstance, type Instance } from './instance.ts';
import { type MotoServer, startMoto } from './moto-server.ts';
import { makePackage } from './stand-in-packages.ts';

const run = promisify(execFile);

/** What this rig cannot run: it is seen by nobody until the image is baked on AWS. */
export const NOT_SHOWN = [
  'Amazon Linux 2023: the container is Debian 12; dnf, rpm and their packages are not run',
  'arm64: this machine is not; Node, Java and engine of that architecture are not run',
  'options of newer Packer (metadata, IMDS, deprecation, key type): their syntax is checked, moto gets none',
  'snapshot, encryption, copies and sharing: moto registers an image and copies nothing',
  'the SSM agent: a package of its name, whose service does nothing, is in its place',
  'the CloudWatch agent: a package of its name, which prints what it is told to send, is in its place',
  'Datomic’s distribution and connector: PrestoSQL 350 with tpch and memory is in their place',
];

export interface Baked {
  readonly status: number;
  readonly output: string;
}

export interface Bake {
  readonly vars?: Readonly<Record<string, string>>;
  /** Names of variables that are not given. */
  readonly without?: readonly string[];
  /** Changes the copy of the provisioners that this bake uses. */
  readonly alter?: (provisioners: Provisioners) => Promise<void>;
}

export interface Provisioners {
  replace(name: string, text: string): Promise<void>;
  append(name: string, text: string): Promise<void>;
}

export interface Machine {
  readonly instance: Instance;
  /** Of its sshd, on loopback. */
  readonly port: number;
}

export type BakeRig = Awaited<ReturnType<typeof createBakeRig>>;

export async function createBakeRig() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-bake-'));
  const moto: MotoServer = await startMoto();
  const ec2 = new EC2Client({ endpoint: moto.endpoint, region: 'eu-west-1' });
  const key = path.join(dir, 'key');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const sourceImage = Images[0]?.ImageId ?? '';

  /** Runs `packer/stage.sh`; `environment` is what a pipeline would set. */
  const stage = async (to: string, environment: Readonly<Record<string, string>>): Promise<Baked> =>
    await runToEnd('packer/stage.sh', [to], { XDG_CACHE_HOME: path.join(dir, 'cache'), ...environment });

  /** PrestoSQL 350 with two of its plugins, this machine's Java 17, and the stand-ins of Amazon's agents. */
  async function stageRealEngine(): Promise<string> {
    const contents = path.join(dir, 'contents');
    const { stdout } = await run('test/tools/setup-engine.sh', ['presto']);
    const [home = '', java = ''] = stdout.trim().split('\n');
    const engine = path.join(dir, 'engine');
    for (const part of ['lib', 'plugin/tpch', 'plugin/memory']) {
      await cp(path.join(home, part), path.join(engine, part), { recursive: true });
    }
    // Debian's Java has links to /etc, which a distribution of Java has not.
    const javaHome = path.join(dir, 'java');
    await mkdir(javaHome);
    const pack =
      'tar --create --dereference --exclude=jmods --exclude=src.zip --exclude=man --directory "$1" .';
    const unpack = 'tar --extract --directory "$2"';
    await run('bash', ['-c', `${pack} | ${unpack}`, 'bash', path.dirname(path.dirname(java)), javaHome]);
    const agent = await makePackage(dir, 'amazon-ssm-agent');
    const shipper = await makePackage(dir, 'amazon-cloudwatch-agent');
    const sha256 = async (file: string) =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
    const { status, output } = await stage(contents, {
      ARCHITECTURE: 'x86_64',
      ENGINE_FROM: engine,
      JAVA_FROM: javaHome,
      SSM_AGENT_FROM: agent,
      SSM_AGENT_SHA256: await sha256(agent),
      CLOUDWATCH_AGENT_FROM: shipper,
      CLOUDWATCH_AGENT_SHA256: await sha256(shipper),
    });
    if (status !== 0) throw new Error(output);
    return contents;
  }

  /** A machine as Debian's image starts one: cloud-init's user may do everything, by a key that Packer has. */
  async function startMachine(): Promise<Machine> {
    const instance = await createInstance({ isInstalled: false });
    await instance.boot();
    const port = await findFreePort();
    // Engines look up the name of their machine, as cloud-init lets them.
    await instance.sh(`echo "127.0.0.1 localhost $(hostname)" >/etc/hosts
      useradd --create-home --shell /bin/bash --password '*' admin
      install -d -m 700 -o admin -g admin /home/admin/.ssh
      install -d -m 755 /run/sshd /run/bake
      ssh-keygen -q -t ed25519 -N '' -f /run/bake/host-key`);
    await instance.write('/etc/sudoers.d/90-cloud-init-users', 'admin ALL=(ALL) NOPASSWD:ALL\n', 0o440);
    await instance.write('/home/admin/.ssh/authorized_keys', await readFile(`${key}.pub`, 'utf8'));
    await instance.write(
      '/run/bake/sshd_config',
      `ListenAddress 127.0.0.1:${port}\nHostKey /run/bake/host-key\nUsePAM no\nSubsystem sftp internal-sftp\n`,
    );
    await instance.sh(`chown -R admin:admin /home/admin/.ssh
      systemd-run --quiet --unit=bake-sshd /usr/sbin/sshd -D -f /run/bake/sshd_config`);
    return { instance, port };
  }

  /** The template beside the test's source; `contents` was filled by `stage`. */
  async function bake(
    contents: string,
    { port }: Pick<Machine, 'port'>,
    options: Bake = {},
  ): Promise<Baked & { files: string }> {
    const template = await mkdtemp(path.join(dir, 'template-'));
    for (const file of ['variables.pkr.hcl', 'gateway.pkr.hcl']) {
      await symlink(path.resolve('packer', file), path.join(template, file));
    }
    await symlink(path.resolve('test/image/source.pkr.hcl'), path.join(template, 'source.pkr.hcl'));
    const provisioners = path.join(template, 'provisioners');
    await cp('packer/provisioners', provisioners, { recursive: true });
    const fileOf = (name: string) => path.join(provisioners, `${name}.sh`);
    await options.alter?.({
      replace: (name, text) => writeFile(fileOf(name), `${text}\n`),
      append: (name, text) => appendFile(fileOf(name), `${text}\n`),
    });
    const output = path.join(template, 'output');
    await mkdir(output);
    const vars: Record<string, string> = {
      contents,
      output,
      system_base: 'debian12',
      gateway_version: JSON.parse(await readFile('package.json', 'utf8')).version,
      commit: 'c0ffee0c0ffee0',
      region: 'eu-west-1',
      source_image: sourceImage,
      test_endpoint: moto.endpoint,
      test_ssh_host: '127.0.0.1',
      test_ssh_port: String(port),
      test_ssh_key: key,
      ...options.vars,
    };
    for (const name of options.without ?? []) delete vars[name];
    const args = Object.entries(vars).map(([name, value]) => `-var=${name}=${value}`);
    const baked = await runToEnd('packer', ['build', '-color=false', ...args, template], {
      CHECKPOINT_DISABLE: '1',
      PACKER_CACHE_DIR: path.join(dir, 'packer-cache'),
    });
    return { ...baked, files: output };
  }

  const images = async () => (await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images ?? [];
  /** Machines of EC2 that were not ended. */
  const leftMachines = async () => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances).filter(
      ({ State }) => State?.Name !== 'terminated',
    );
  };

  return {
    dir,
    moto,
    stage,
    stageRealEngine,
    startMachine,
    bake,
    images,
    leftMachines,
    async close(): Promise<void> {
      ec2.destroy();
      await moto.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function runToEnd(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Baked> {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? 128, output };
}
