/**
 * A bake as a pipeline runs it: Debian's Packer, the template of `packer/` with the source of `test/image/`, moto for
 * EC2, and in place of the machine that EC2 would start a container with systemd, into which Packer logs in by ssh.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DescribeImagesCommand, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { findFreePort } from './free-port.ts';
import { createInstance, type Instance } from './instance.ts';
import { type MotoServer, startMoto } from './moto-server.ts';

const run = promisify(execFile);

/** What this rig cannot run: it is seen by nobody until the image is baked on AWS. */
export const NOT_SHOWN = [
  'Amazon Linux 2023: the container is Debian 12; dnf, rpm and their packages are not run, and what starts at boot there (BOOT_UNITS) was compared with no machine',
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
  /** When its output has this, Packer is interrupted as by Ctrl-C. */
  readonly interruptAt?: string;
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

  const packerEnvironment = { CHECKPOINT_DISABLE: '1', PACKER_CACHE_DIR: path.join(dir, 'packer-cache') };

  /** Runs `packer/stage.sh`; `environment` is what a pipeline would set. */
  const stage = async (to: string, environment: Readonly<Record<string, string>>): Promise<Baked> =>
    await runToEnd('packer/stage.sh', [to], { XDG_CACHE_HOME: path.join(dir, 'cache'), ...environment });

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

  /** The template beside the test's source, and what only that source is told. */
  async function makeTemplate({ port }: Pick<Machine, 'port'>, alter?: Bake['alter']) {
    const template = await mkdtemp(path.join(dir, 'template-'));
    for (const file of ['variables.pkr.hcl', 'gateway.pkr.hcl']) {
      await symlink(path.resolve('packer', file), path.join(template, file));
    }
    await symlink(path.resolve('test/image/source.pkr.hcl'), path.join(template, 'source.pkr.hcl'));
    const provisioners = path.join(template, 'provisioners');
    await cp('packer/provisioners', provisioners, { recursive: true });
    const fileOf = (name: string) => path.join(provisioners, `${name}.sh`);
    await alter?.({
      replace: (name, text) => writeFile(fileOf(name), `${text}\n`),
      append: (name, text) => appendFile(fileOf(name), `${text}\n`),
    });
    const vars: Record<string, string> = {
      region: 'eu-west-1',
      source_image: sourceImage,
      test_endpoint: moto.endpoint,
      test_ssh_host: '127.0.0.1',
      test_ssh_port: String(port),
      test_ssh_key: key,
    };
    return { template, vars };
  }

  /** Packer alone; `contents` was filled by a `makeAmi` before. */
  async function bake(contents: string, machine: Pick<Machine, 'port'>, options: Bake = {}): Promise<Baked> {
    const { template, vars } = await makeTemplate(machine, options.alter);
    const output = path.join(template, 'output');
    await mkdir(output);
    const all: Record<string, string> = {
      contents,
      output,
      system_base: 'debian12',
      gateway_version: JSON.parse(await readFile('package.json', 'utf8')).version,
      commit: (await run('git', ['rev-parse', 'HEAD'])).stdout.trim(),
      ...vars,
      ...options.vars,
    };
    for (const name of options.without ?? []) delete all[name];
    const args = Object.entries(all).map(([name, value]) => `-var=${name}=${value}`);
    const { interruptAt } = options;
    return await runToEnd(
      'packer',
      ['build', '-color=false', ...args, template],
      packerEnvironment,
      interruptAt,
    );
  }

  /**
   * `make ami` as it is typed, into `files`, where it keeps what it has gathered. In place of Packer stands a script
   * that runs Debian's: it knows no `init`, which that version has not, and hands it the test's template instead of
   * `packer/`.
   */
  async function makeAmi(
    machine: Pick<Machine, 'port'>,
    parts: Readonly<Record<string, string>>,
    given: Readonly<Record<string, string>>,
  ): Promise<Baked & { readonly files: string }> {
    const { template, vars } = await makeTemplate(machine);
    const programs = path.join(dir, 'programs');
    await mkdir(programs, { recursive: true });
    const packer = (await run('bash', ['-c', 'type -P packer'])).stdout.trim();
    await writeFile(
      path.join(programs, 'packer'),
      `#!/bin/bash
if [[ $* == 'init packer' ]]; then exit 0; fi
if [[ \${*: -1} != packer ]]; then echo "packer: expected packer as the last word: $*" >&2; exit 2; fi
exec ${packer} "\${@:1:$#-1}" ${template}
`,
      { mode: 0o755 },
    );
    const files = path.join(dir, 'image');
    const packerArgs = Object.entries({ ...vars, ...given }).map(
      ([name, value]) => `-var '${name}=${value}'`,
    );
    const words = Object.entries({
      ...parts,
      BASE: 'debian12',
      ARCH: 'x86_64',
      IMAGE_DIR: files,
      PACKER_ARGS: packerArgs.join(' '),
    }).map(([name, value]) => `${name}=${value}`);
    const baked = await runToEnd('make', ['ami', ...words], {
      ...packerEnvironment,
      PACKER_NO_COLOR: '1',
      PATH: `${programs}:${process.env.PATH}`,
      XDG_CACHE_HOME: path.join(dir, 'cache'),
    });
    return { ...baked, files };
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
    startMachine,
    bake,
    makeAmi,
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
  interruptAt?: string,
): Promise<Baked> {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches all processes of a command: Packer's first one is deaf to it.
    detached: interruptAt !== undefined,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      const isBefore = interruptAt !== undefined && !output.includes(interruptAt);
      output += chunk.toString();
      if (isBefore && output.includes(interruptAt) && child.pid !== undefined) {
        process.kill(-child.pid, 'SIGINT');
      }
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? 128, output };
}
