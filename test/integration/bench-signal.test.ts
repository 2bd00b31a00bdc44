/** A benchmark that is ended by a signal ends what it started. Its other half, what it measures, is `make bench`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Commands of the living processes with this text in their environment. */
function listCommands(marked: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        return environment.includes(marked) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : [];
      } catch {
        // It has ended, or is another user's.
        return [];
      }
    });
}

/** The runs of the benchmark below this directory. */
const listRuns = (directory: string) =>
  readdirSync(directory).filter((name) => name.startsWith('gateway-bench-'));

test.each(['SIGTERM', 'SIGINT'] as const)('ended by %s it leaves no process and no file', async (signal) => {
  const directory = join(tmpdir(), `bench-signal-${process.pid}-${signal}`);
  mkdirSync(directory);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const bench = spawn(process.execPath, ['test/bench/bench.mjs', 'resident-memory'], {
    env: { ...process.env, TMPDIR: directory, BENCH_PEERS: 'none' },
    stdio: 'ignore',
  });
  const gone = once(bench, 'exit');
  const mark = () => `GATEWAY_BENCH_RUN=${listRuns(directory)[0]}`;
  await expect
    .poll(() => listCommands(mark()).filter((command) => /gateway-agent|engine\.mjs/.test(command)).length, {
      timeout: 60_000,
    })
    .toBeGreaterThan(1);
  const run = mark();
  bench.kill(signal);
  const [exitCode] = await gone;
  expect(exitCode).toBe(signal === 'SIGTERM' ? 143 : 130);
  expect(listCommands(run)).toEqual([]);
  expect(listRuns(directory)).toEqual([]);
});
