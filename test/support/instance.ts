/**
 * A throw-away instance: Debian with real systemd 252 as PID 1, in a container that shares this machine's network,
 * with the gateway installed by `make install`. Needs root and `test/tools/setup-e2e.sh`. Whatever a test does to
 * it, nothing outside its directory changes; ports are this machine's, so tests ask for free ones.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Network } from './network.ts';

const PREFIX = 'gateway-instance-';
const BOOT_SCRIPT = path.resolve('test/tools/boot-instance.sh');
const BOOT_TIMEOUT_MS = 60_000;
const OFF_TIMEOUT_MS = 60_000;
/** For all units and commands, unless a test says otherwise: real AWS and real instance metadata are never asked. */
const CLOSED = ['AWS_ENDPOINT_URL', 'AWS_EC2_METADATA_SERVICE_ENDPOINT'].map(
  (name) => `${name}=http://127.0.0.1:9`,
);

/** Rules may only be loaded in a network of the test's own. */
const NEED_FILTER = ['gateway-packet-filter.service', 'gateway-access.service'];

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Default: root. */
  readonly user?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
}

export type Instance = Awaited<ReturnType<typeof createInstance>>;

const open = new Set<Instance>();
let isBuilt = false;

/** Ends all instances of this test file; for `afterAll`. */
export async function disposeInstances(): Promise<void> {
  for (const instance of open) await instance.dispose();
}
// An interrupted run: the containers die with this process, their directories must not stay.
process.on('exit', () => {
  for (const { dir } of open) rmSync(dir, { recursive: true, force: true });
});

export interface InstanceOptions {
  /** false: the distribution alone, as an image is baked from it. */
  readonly isInstalled?: boolean;
  readonly network?: Network;
}

/** An installed instance that is switched off. `write` what it should find, then `boot` it. */
export async function createInstance(options: InstanceOptions = {}) {
  removeLeftovers();
  const dir = await mkdtemp(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
  for (const name of ['changes', 'work', 'root']) await mkdir(path.join(dir, name));
  // The root directory of the instance is this one: all its users go through it.
  await chmod(path.join(dir, 'changes'), 0o755);
  const { stdout } = await promisify(execFile)('test/tools/setup-e2e.sh');
  const base = stdout.trim();
  let machine: { readonly nspawn: ChildProcess; readonly init: number } | null = null;
  let printed = '';

  /** In the instance's root without booting it. */
  const prepare = (...command: readonly string[]) =>
    promisify(execFile)(BOOT_SCRIPT, [base, dir, ...command], { cwd: process.cwd() });
  if (options.isInstalled !== false) {
    // What was built for the first instance of a test file is not built again for the others.
    const skip = isBuilt ? ['--assume-old=build'] : [];
    const destination = `DESTDIR=${path.join(dir, 'root')}`;
    await prepare('make', ...skip, '--directory', process.cwd(), 'install', destination);
    isBuilt = true;
    await prepare('systemd-sysusers', '--root=.');
  }

  const running = () => {
    if (machine === null) throw new Error('the instance is switched off');
    return machine;
  };
  /** With its PID 1 everything in it ends; systemd-nspawn, when it is told to, has it shut down first. */
  const end = async (how: 'in-order' | 'at-once') => {
    const { nspawn, init } = running();
    const ended = once(nspawn, 'exit');
    if (how === 'in-order') nspawn.kill('SIGTERM');
    else process.kill(init, 'SIGKILL');
    const timer = setTimeout(() => process.kill(init, 'SIGKILL'), OFF_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    machine = null;
  };

  const instance = {
    dir,

    /** Where a file of the instance lies for this process, switched on or off. */
    path: (file: string): string =>
      machine === null ? path.join(dir, 'changes', file) : path.join(`/proc/${machine.init}/root`, file),
    /** Writes a file as root, directories included. */
    async write(file: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
      const target = instance.path(file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
      await chmod(target, mode);
    },
    /** Null when it is not there. */
    async read(file: string): Promise<string | null> {
      const target = instance.path(file);
      return existsSync(target) ? await readFile(target, 'utf8') : null;
    },

    /** sshd at its own port 22, as on EC2: only for instances in a network of the test's own. */
    enableSshd: async (): Promise<void> => {
      // An image carries no host keys; that of Debian's package are made when it is installed.
      await prepare('sh', '-c', 'rm -f etc/ssh/ssh_host_*');
      await prepare('systemctl', '--root=.', 'enable', 'ssh.service');
    },
    /** Switches it on; resolves when systemd has started all that it wants to. */
    async boot(): Promise<void> {
      if (machine !== null) throw new Error('the instance is switched on');
      const [program = '', ...args] = [...(options.network?.enter ?? []), BOOT_SCRIPT, base, dir];
      const nspawn = spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(options.network === undefined ? {} : { OWN_NETWORK: 'yes' }) },
      });
      printed = '';
      for (const stream of [nspawn.stdout, nspawn.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          printed += chunk.toString();
        });
      }
      const deadline = Date.now() + BOOT_TIMEOUT_MS;
      for (;;) {
        const init = findInit(nspawn.pid ?? 0);
        if (init !== null) {
          machine = { nspawn, init };
          // `running`, or `degraded` where a unit failed: what that means is for the test to say.
          const { stdout: state } = await instance.run('systemctl', 'is-system-running');
          if (['running', 'degraded'].includes(state.trim())) return;
        }
        if (nspawn.exitCode !== null || Date.now() > deadline) {
          if (nspawn.exitCode === null) nspawn.kill('SIGTERM');
          throw new Error(`the instance did not boot:\n${printed}`);
        }
        await sleep(50);
      }
    },
    /** Switches it off in good order, as EC2 does. */
    powerOff: (): Promise<void> => end('in-order'),
    /** The power fails: nothing in it gets another instruction. */
    cutPower: (): Promise<void> => end('at-once'),
    isOn: (): boolean => machine !== null,
    pid: (): number => running().init,

    /** Runs a program in the instance, outside of any unit. Resolves whatever its exit status. */
    run: (program: string, ...args: readonly string[]): Promise<Ran> =>
      instance.runWith({}, program, ...args),
    async runWith(options: RunOptions, program: string, ...args: readonly string[]): Promise<Ran> {
      const { init } = running();
      const as = options.user === undefined ? [] : ['runuser', '--user', options.user, '--'];
      const enter = [
        '--target',
        String(init),
        '--mount',
        '--net',
        '--pid',
        '--uts',
        '--ipc',
        '--root',
        '--wd',
      ];
      const child = spawn('nsenter', [...enter, '--', ...as, program, ...args], {
        env: {
          ...Object.fromEntries(CLOSED.map((pair) => pair.split('='))),
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          LANG: 'C.UTF-8',
        },
        timeout: options.timeoutMs ?? 60_000,
        killSignal: 'SIGKILL',
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input ?? '');
      const texts = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].on('data', (chunk: Buffer) => {
          texts[name] += chunk.toString();
        });
      }
      const [status] = (await once(child, 'close')) as [number | null];
      return { status: status ?? 128, ...texts };
    },
    /** Runs a script by sh as root; rejects unless it exits with 0. Resolves with its output, trimmed. */
    async sh(script: string): Promise<string> {
      const { status, stdout, stderr } = await instance.run('sh', '-euc', script);
      if (status !== 0) throw new Error(`exit ${status} of: ${script}\n${stdout}${stderr}`);
      return stdout.trim();
    },
    /** What a unit has printed since it was switched on. */
    journal: async (unit: string): Promise<string> =>
      (await instance.run('journalctl', '--unit', unit, '--no-pager', '--output=cat')).stdout,
    /** Units that failed, but for those that need the packet filter where the network is this machine's. */
    async failedUnits(): Promise<string[]> {
      const { stdout } = await instance.run('systemctl', 'list-units', '--failed', '--plain', '--no-legend');
      const names = stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
      return names.filter((name) => options.network !== undefined || !NEED_FILTER.includes(name));
    },
    /** Properties of a unit by name. */
    async show(unit: string, ...properties: readonly string[]): Promise<Record<string, string>> {
      const { stdout } = await instance.run('systemctl', 'show', `--property=${properties.join(',')}`, unit);
      const lines = stdout.trim().split('\n');
      return Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    },

    /** Removes it, however it is. */
    async dispose(): Promise<void> {
      open.delete(instance);
      if (machine !== null) await end('at-once');
      removeControlGroup(path.basename(dir));
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
  await instance.write(
    '/etc/systemd/system.conf.d/closed.conf',
    `[Manager]\nDefaultEnvironment=${CLOSED.join(' ')}\n`,
  );
  open.add(instance);
  return instance;
}

/** PID 1 of the instance, as this machine counts: the child of systemd-nspawn. */
function findInit(nspawn: number): number | null {
  const children = `/proc/${nspawn}/task/${nspawn}/children`;
  const [child] = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ') : [];
  if (child === undefined || child === '') return null;
  const comm = `/proc/${child}/comm`;
  return existsSync(comm) && readFileSync(comm, 'utf8').trim() === 'systemd' ? Number(child) : null;
}

/** Of runs that were killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = name.slice(PREFIX.length).split('-')[0];
    if (existsSync(`/proc/${owner}`)) continue;
    removeControlGroup(name);
    rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}

/** What boot-instance.sh made, where it made one: the kernel removes them one by one, the innermost first. */
function removeControlGroup(name: string): void {
  const group = path.join('/sys/fs/cgroup/systemd', name);
  if (!existsSync(group)) return;
  const below = readdirSync(group, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .reverse();
  for (const directory of [...below, group]) rmdirSync(directory);
}
