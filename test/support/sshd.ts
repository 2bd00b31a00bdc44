import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const START_TIMEOUT_MS = 10_000;
const run = promisify(execFile);

export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** A throw-away key pair, made by ssh-keygen. */
export async function makeKeyPair(): Promise<KeyPair> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'gateway-key-'));
  const file = path.join(directory, 'key');
  try {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
    return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export interface Sshd {
  readonly port: number;
  /** As the gateway puts it into the bucket. */
  readonly hostKeyLine: string;
  /** Ends it and all its connections, as a machine that is gone. */
  kill(): Promise<void>;
}

/**
 * A real sshd on loopback that takes one key for the user of this process. As root it gets a mount namespace with a
 * hosts file of its own, so that names resolve at its end as they would inside a VPC.
 */
export async function startSshd(options: {
  readonly port: number;
  readonly hostKey: KeyPair;
  readonly accessKey: KeyPair;
  /** Host name to loopback address. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Lines of sshd_config. */
  readonly config?: readonly string[];
}): Promise<Sshd> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'gateway-sshd-'));
  const put = (name: string, text: string) => {
    const file = path.join(directory, name);
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    return file;
  };
  const hosts = Object.entries(options.hosts ?? {}).map(([name, address]) => `${address} ${name}\n`);
  const hostsFile = put('hosts', hosts.join(''));
  const config = put(
    'sshd_config',
    [
      `ListenAddress 127.0.0.1:${options.port}`,
      `HostKey ${put('host_key', options.hostKey.privateKey)}`,
      `AuthorizedKeysFile ${put('authorized_keys', `${options.accessKey.publicKey}\n`)}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PidFile none',
      'LogLevel VERBOSE',
      ...(options.config ?? []),
    ].join('\n'),
  );
  const isRoot = process.getuid?.() === 0;
  if (isRoot) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', config];
  const isolated = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `mount --bind '${hostsFile}' /etc/hosts; exec "$@"`,
    'sh',
  ];
  const [file = '', ...args] = isRoot ? [...isolated, ...sshd] : sshd;
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  await waitForPort(options.port, child, () => log);
  return {
    port: options.port,
    hostKeyLine: `* ${options.hostKey.publicKey}\n`,
    kill: async () => {
      await killTree(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function waitForPort(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${log()}`);
    if (await canConnect(port)) return;
    if (Date.now() > deadline) throw new Error(`sshd does not listen: ${log()}`);
    await sleep(20);
  }
}

export function canConnect(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host });
    const end = (isConnected: boolean) => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** Its connections are processes of their own, each the leader of a session: found by their parent. */
async function killTree(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const pids = [child.pid];
  for (let index = 0; index < pids.length; index += 1) pids.push(...childrenOf(pids[index] ?? 0));
  const ended = once(child, 'exit');
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      // Ended by itself since it was listed.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  await ended;
}

export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    // Gone: it has none.
    return [];
  }
}
