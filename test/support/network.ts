/**
 * A network of the test's own: loopback, and what the test connects it with. Nothing in it reaches, or can be reached
 * from, anything outside, so that packet filter rules can be loaded and well-known addresses stood in for.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

export interface Network {
  /** Before a command line: runs it in this network. */
  readonly enter: readonly string[];
  /** Runs a program in it; rejects unless it exits with 0. Resolves with its output. */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Starts a program in it that ends with the network at the latest. */
  start(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  readonly pid: number;
  dispose(): Promise<void>;
}

/** Needs root. */
export async function createNetwork(): Promise<Network> {
  // Holds the network as long as this process lives, and no longer.
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])) as [unknown];
  if (!Buffer.isBuffer(said)) throw new Error(`no network: unshare ended with ${String(said)}`);
  const enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--'];
  const [nsenter = '', ...into] = enter;
  const started = new Set<ChildProcess>();

  const run = async (program: string, ...args: readonly string[]) =>
    (await promisify(execFile)(nsenter, [...into, program, ...args], { timeout: 60_000 })).stdout;
  return {
    enter,
    pid: holder.pid ?? 0,
    run,
    start(program, args, env = {}) {
      const child = spawn(nsenter, [...into, program, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      });
      started.add(child);
      child.once('exit', () => started.delete(child));
      return child;
    },
    async dispose() {
      const ended = [...started].map((child) => once(child, 'exit'));
      for (const child of started) child.kill('SIGKILL');
      await Promise.all(ended);
      const over = once(holder, 'exit');
      holder.stdin.end();
      await over;
    },
  };
}
