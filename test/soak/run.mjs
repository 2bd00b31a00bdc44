#!/usr/bin/env node
// The soak: many cycles of the real application with changes mixed in, and whether what it holds stays the same.
//
//   node test/soak/run.mjs [--cycles 100000] [--leak heap]    exit 1 when something grew
//
// Real S3 protocol (moto behind a proxy with faults), real files; the clock and the analytics process are doubles. It
// takes SEED back, which it prints. BENCH_NODE is the Node that it runs on.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { NODE_FLAGS, NODE_MALLOC, NODE_PROGRAM } from '../bench/gateway.mjs';
import { startBucket } from '../run/bucket.mjs';
import { findFreePort } from '../run/free-port.mjs';
import { judgeSoak } from './judge.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const SYSTEM = 'soak';

async function bundle(outfile) {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/soak/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    },
    logLevel: 'warning',
  });
}

/** Its input ends with this process, and it with its input: what is killed here leaves nobody behind. */
async function startProxy(target) {
  const proxy = spawn(process.execPath, [path.join(ROOT, 'test/soak/proxy.mjs'), target], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(proxy.stdout.setEncoding('utf8'), 'data');
  return { url: line.trim(), proxy };
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/**
 * Runs it. `cycles` is the whole, `warmUp` of them before the first sample; `onMark` is called with each line. Resolves
 * with the samples, what grew too much (`faults`), and how long it took.
 */
export async function runSoak({
  cycles,
  warmUp,
  marks,
  answers,
  leak = '',
  seed,
  limits = {},
  onMark = () => undefined,
}) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'gateway-soak-'));
  const at = (name) => path.join(home, name);
  const startedAt = performance.now();
  const server = await startBucket({ system: SYSTEM, home });
  const { url, proxy } = await startProxy(server.endpoint);
  let soak = null;
  try {
    await bundle(at('soak.mjs'));
    mkdirSync(at('state'));
    soak = spawn(NODE_PROGRAM, ['--expose-gc', ...NODE_FLAGS, at('soak.mjs')], {
      cwd: home,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ...NODE_MALLOC,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL: url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        GATEWAY_SYSTEM: SYSTEM,
        GATEWAY_SOURCE: server.uri,
        GATEWAY_STATE_DIR: at('state'),
        GATEWAY_ETC_DIR: at('analytics/etc'),
        GATEWAY_RUN_DIR: at('run'),
        GATEWAY_SUPERVISOR: 'child',
        GATEWAY_COMMAND: '["/bin/false"]',
        GATEWAY_HTTP: `127.0.0.1:${await findFreePort()}`,
        // A request every 20 s of the agent's time: S3 answers in Python here, and 100,000 cycles are days.
        GATEWAY_POLL_INTERVAL: '20s',
        GATEWAY_LIST_INTERVAL: '5m',
        GATEWAY_PUBLISH_SEEN: '0s',
        SOAK_S3: server.endpoint,
        SOAK_OUTPUT: at('samples'),
        SOAK_CYCLES: String(cycles),
        SOAK_WARM_UP: String(warmUp),
        SOAK_MARKS: String(marks),
        SOAK_ANSWERS: String(answers),
        SOAK_LEAK: leak,
        SEED: String(seed),
      },
    });
    let stderr = '';
    soak.stderr.setEncoding('utf8').on('data', (text) => {
      stderr = (stderr + text).slice(-8_000);
    });
    let told = 0;
    const readLines = () => {
      let lines = [];
      try {
        lines = readFileSync(at('samples'), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
      } catch {
        // Not yet written, or not yet whole.
      }
      for (; told < lines.length; told += 1) onMark(lines[told]);
      return lines;
    };
    const ticking = setInterval(readLines, 1_000);
    const [code, signal] = await once(soak, 'exit');
    clearInterval(ticking);
    if (code !== 0) throw new Error(`the soak ended with ${code ?? signal} (SEED=${seed}):\n${stderr}`);
    const samples = readLines().filter(({ sample }) => sample !== undefined);
    const seconds = (performance.now() - startedAt) / 1_000;
    return { samples, faults: judgeSoak(samples, limits), seconds };
  } finally {
    if (soak !== null) await end(soak);
    await end(proxy);
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The forms of it: the whole, and the one of CI, which may grow by less. */
export const WHOLE = { cycles: 100_000, warmUp: 5_000, marks: 10, answers: 1_100 };
export const BOUNDED = { cycles: 5_000, warmUp: 1_500, marks: 1, answers: 0 };

export const BOUNDED_LIMITS = { heapGrowthBytes: 512 * 1024 };

export const pickSeed = () => Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { cycles: { type: 'string' }, marks: { type: 'string' }, leak: { type: 'string', default: '' } },
  });
  const cycles = Number(values.cycles ?? WHOLE.cycles);
  const form = cycles >= 20_000 ? { ...WHOLE, cycles } : { ...BOUNDED, cycles, limits: BOUNDED_LIMITS };
  const seed = pickSeed();
  process.stdout.write(`soak of ${cycles} cycles, SEED=${seed}\n`);
  const { faults, seconds } = await runSoak({
    ...form,
    ...(values.marks === undefined ? {} : { marks: Number(values.marks) }),
    seed,
    leak: values.leak,
    onMark: (line) => process.stdout.write(`${JSON.stringify(line)}\n`),
  });
  for (const fault of faults) process.stdout.write(`GREW: ${fault}\n`);
  process.stdout.write(`${faults.length === 0 ? 'flat' : 'not flat'} after ${Math.round(seconds)} s\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
