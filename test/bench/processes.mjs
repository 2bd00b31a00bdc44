// CPU and memory of processes as Linux counts them in /proc.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The fields after the command's closing bracket; the first one is the state, number 3 in proc(5). */
function readStat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** CPU time in ms of the process and of the children that it waited for. */
export function readCpuMs(pid) {
  const fields = readStat(pid);
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** CPU time in ms of the threads of a process, to the microsecond; children and threads that have ended are not in it. */
export function readThreadsCpuMs(pid) {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
}

/** Living children of a process. */
export function listChildren(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(readStat(name)[1]) === pid;
      } catch {
        // It ended while we looked.
        return false;
      }
    })
    .map(Number);
}

/** Resident memory in MiB. */
export function readRssMiB(pid) {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) / 1024;
}

/** Runs a program to its end; resolves with wall and CPU time. A status other than 0 is an error. */
export async function runProgram(file, args, { env, cwd } = {}) {
  const cpuBefore = readWaitedCpuMs();
  const startedAt = performance.now();
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}: ${stderr}`);
  return { wallMs: performance.now() - startedAt, cpuMs: readWaitedCpuMs() - cpuBefore };
}

/** CPU time of all children that this process has waited for. */
function readWaitedCpuMs() {
  const fields = readStat(process.pid);
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_SECOND;
}

/**
 * Runs a program to its end; resolves with wall time, CPU time to the microsecond and the peak of resident memory, in ms
 * and MiB. Through a Python of a few ms, which is not counted.
 */
export async function runMeasured({ python, file, args, env }) {
  const wrapper = ['test/bench/peers/run-measured.py', file, ...args];
  const child = spawn(python, wrapper, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of Object.keys(output)) {
    child[name].on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  const { status, ...measured } = code === 0 ? JSON.parse(output.stdout) : { status: code };
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${output.stderr}`);
  return measured;
}
