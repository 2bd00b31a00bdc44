#!/usr/bin/env node
// `make bench`: measures the figures against real parts and peers in the same run, and writes test/bench/RESULTS.md
// from what it measured. Ends with 1 when a figure misses its limit.
//
//   node test/bench/bench.mjs [FIGURE…]        only those, printed and not written
//   node test/bench/bench.mjs --keep FIGURE…   only those, and their sections of RESULTS.md written anew
//   BENCH_IDLE_SECONDS=600  BENCH_CHANGES=500  length of the two long ones
//   BENCH_RESTARTS=10                          rounds of restarts of each real engine
//   BENCH_SAMPLES=FILE                         those rounds are kept there, and a further run goes on from them
//   BENCH_NODE=/usr/bin/node                   the Node that the agent runs on, e.g. that of the image

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findPythonBin, startBucket } from '../run/bucket.mjs';
import { createManifest, readFiles, syncFiles } from '../run/upload.mjs';
import { measureCheckCpu } from './figures/check-cpu.mjs';
import { measurePrestoRestart, measureTrinoRestart } from './figures/engine-restart.mjs';
import { measureGate } from './figures/gate.mjs';
import { measureIdleCpu } from './figures/idle-cpu.mjs';
import { measureImage } from './figures/image.mjs';
import { measureInstance } from './figures/instance.mjs';
import { measureOperatorSync } from './figures/operator-sync.mjs';
import { measurePublishLatency } from './figures/publish-latency.mjs';
import { measureResidentMemory } from './figures/resident-memory.mjs';
import { measureStartUp } from './figures/start-up.mjs';
import { measureTunnelReturn } from './figures/tunnel-return.mjs';
import { NODE_PROGRAM, SYSTEM } from './gateway.mjs';
import { formatResults, replaceFigures } from './results.mjs';

const FIGURES = {
  gate: measureGate,
  'start-up': measureStartUp,
  'check-cpu': measureCheckCpu,
  'publish-latency': measurePublishLatency,
  'operator-sync': measureOperatorSync,
  'resident-memory': measureResidentMemory,
  'tunnel-return': measureTunnelReturn,
  'idle-cpu': measureIdleCpu,
  instance: measureInstance,
  'presto-restart': measurePrestoRestart,
  'trino-restart': measureTrinoRestart,
  image: measureImage,
};

const isKept = process.argv[2] === '--keep';
const chosen = process.argv.slice(isKept ? 3 : 2);
const unknown = chosen.filter((name) => FIGURES[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`no figure ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}\n`);
  process.exit(2);
}
const names = chosen.length > 0 ? chosen : Object.keys(FIGURES);
const idleSeconds = Number(process.env.BENCH_IDLE_SECONDS ?? 600);
const changes = Number(process.env.BENCH_CHANGES ?? 500);

const awsProgram = path.join(findPythonBin(), 'aws');
const read = (file, args) => execFileSync(file, args, { encoding: 'utf8' }).trim();

const root = mkdtempSync(path.join(os.tmpdir(), 'gateway-bench-source-'));
const server = await startBucket({ system: SYSTEM, home: root });
const files = Object.fromEntries(
  [...(await readFiles('test/example'))].map(([file, bytes]) => [file, String(bytes)]),
);
const bucket = { ...server, files, sync: (wanted, by) => syncFiles({ ...server, files: wanted, by }) };
await bucket.sync(files, 'bench');

const directory = path.join(root, 'directory');
for (const [file, text] of Object.entries({ ...files, 'manifest.json': createManifest(files, 'bench') })) {
  mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
  writeFileSync(path.join(directory, file), text);
}

const results = [];
try {
  for (const name of names) {
    process.stdout.write(`measuring ${name} …\n`);
    const result = await FIGURES[name]({ bucket, directory, awsProgram, idleSeconds, changes });
    results.push(result);
    for (const { what, measured, limit, isMet } of result.rows) {
      const verdict =
        isMet === undefined ? '' : isMet ? `  (limit ${limit}: met)` : `  (limit ${limit}: MISSED)`;
      process.stdout.write(`  ${what}: ${measured}${verdict}\n`);
    }
  }
} finally {
  await server.close();
  rmSync(root, { recursive: true, force: true });
}

if (chosen.length === 0) {
  const machine = {
    node: read(NODE_PROGRAM, ['--version']),
    cpu: `${os.cpus().length} × ${os.cpus()[0].model.trim()}`,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
    kernel: `${os.type()} ${os.release()}`,
    aws: read(awsProgram, ['--version']),
    moto: read(path.join(findPythonBin(), 'python'), ['-c', 'import moto; print(moto.__version__)']),
    agent: read(process.execPath, ['dist/gateway-agent.cjs', '--version']),
  };
  writeFileSync('test/bench/RESULTS.md', formatResults({ results, machine, at: new Date() }));
  process.stdout.write('written: test/bench/RESULTS.md\n');
}
if (isKept) {
  const before = readFileSync('test/bench/RESULTS.md', 'utf8');
  writeFileSync('test/bench/RESULTS.md', replaceFigures(before, results));
  process.stdout.write('written: these sections of test/bench/RESULTS.md\n');
}
process.exitCode = results.some(({ rows }) => rows.some(({ isMet }) => isMet === false)) ? 1 : 0;
