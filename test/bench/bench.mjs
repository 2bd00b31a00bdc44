#!/usr/bin/env node
// `make bench`: measures the figures against real parts and peers in the same run, writes test/bench/results.json,
// RESULTS.md and results.svg from what it measured, and quotes them in README.md. Ends with 1 when a figure misses its
// limit or cannot be measured.
//
//   node test/bench/bench.mjs [FIGURE…]        only those, printed and not written
//   node test/bench/bench.mjs --keep FIGURE…   only those, written; all others stay as they were measured before
//
// What a run takes, in brackets where it is not shortened; a shortened figure is marked as a trial wherever it is written:
//   BENCH_IDLE_SECONDS [120]  BENCH_CHANGES [300]  BENCH_LIVE_CHANGES [30]  BENCH_COUNT_SECONDS [1000]
//   BENCH_SOAK_CYCLES [100000]
//   BENCH_RESTARTS [6 of PrestoSQL, 3 of Trino]    rounds of restarts of each real engine
//   BENCH_SAMPLES=FILE                             those rounds are kept there, and a further run goes on from them
//   BENCH_PEERS=none                               no peers but `aws`: nothing is installed for them
//   BENCH_NODE=/usr/bin/node                       another Node for the agent than the one it is installed with

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findPythonBin, startBucket } from '../run/bucket.mjs';
import { createManifest, readFiles, syncFiles } from '../run/upload.mjs';
import { beginRun } from './clean-up.mjs';
import { FIGURES, ORDER } from './figures.mjs';
import { NODE_FLAGS, NODE_PROGRAM, SYSTEM } from './gateway.mjs';
import { findPeers } from './peers.mjs';
import { quoteInReadme } from './quote.mjs';
import { formatVerdict, mergeFigures, readResults, writeResults } from './results.mjs';
import { describeShortening } from './settings.mjs';

const isKept = process.argv[2] === '--keep';
const chosen = process.argv.slice(isKept ? 3 : 2);
const unknown = chosen.filter((name) => FIGURES[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`no figure ${unknown.join(', ')}; there are ${ORDER.join(', ')}\n`);
  process.exit(2);
}
const names = chosen.length > 0 ? chosen : ORDER;
const isWritten = isKept || chosen.length === 0;

const read = (file, args) => execFileSync(file, args, { encoding: 'utf8' }).trim();
const say = (text) => process.stdout.write(`${text}\n`);
const secondsSince = (at) => Math.round((performance.now() - at) / 1000);

const { root, finish, unlessEnding } = beginRun();
const startedAt = performance.now();

/** What all figures are given. */
async function createContext(server) {
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
  return { bucket, directory, peers: findPeers() };
}

const describeRun = ({ peers }) => ({
  at: new Date().toISOString().slice(0, 10),
  agent: read(process.execPath, ['dist/gateway-agent.cjs', '--version']),
  node: read(NODE_PROGRAM, ['--version']),
  flags: NODE_FLAGS.join(' '),
  machine: `${os.cpus().length} × ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 1024 ** 3)} GiB, ${os.type()} ${os.release()}`,
  shortened: describeShortening(),
  notMeasured: peers.missing.map((name) => [`The peer \`${name}\``, 'it cannot be had on this machine']),
  versions: {
    ...peers.versions,
    'S3 server': `moto ${read(path.join(findPythonBin(), 'python'), ['-c', 'import moto; print(moto.__version__)'])}`,
  },
});

function report(name, figure) {
  say(`${name}: ${figure.title}`);
  for (const row of figure.rows) {
    const verdict = formatVerdict(row);
    say(`  ${row.what}: ${row.measured}${verdict === '' ? '' : `  (limit ${row.limit}: ${verdict})`}`);
  }
  for (const [what, why] of figure.notMeasured ?? []) say(`  not measured: ${what}: ${why}`);
}

const figures = {};
const failed = [];

function keep(name) {
  const data = mergeFigures(readResults(), { run, figures: { [name]: figures[name] }, order: ORDER });
  writeResults(data);
  quoteInReadme(data);
}

/** The other figures are worth having; this one keeps what an earlier run measured. */
async function noteFailure(name, error) {
  await unlessEnding();
  failed.push(name);
  // A module that was bundled for this run has all of its text for a name.
  say(`  ${name} could not be measured: ${error.stack.replaceAll(/data:[^:)]{80,}/g, 'a bundled module')}`);
}

async function measure(name, work) {
  const began = performance.now();
  say(`measuring ${name} …`);
  try {
    figures[name] = await work();
    report(name, figures[name]);
    // At once: what a later figure does must not cost this one.
    if (isWritten) keep(name);
  } catch (error) {
    await noteFailure(name, error);
  }
  say(`  took ${secondsSince(began)} s; ${secondsSince(startedAt)} s in all`);
}

const server = await startBucket({ system: SYSTEM, home: root });
const context = await createContext(server);
const run = describeRun(context);
for (const [what, why] of run.notMeasured) say(`not measured: ${what}: ${why}`);
// What counts for long and disturbs nothing begins first, and is read at the end.
const counting = [];
for (const name of names.filter((one) => FIGURES[one].begin !== undefined)) {
  try {
    counting.push([name, await FIGURES[name].begin(context)]);
  } catch (error) {
    await noteFailure(name, error);
  }
}
for (const name of names.filter((one) => FIGURES[one].begin === undefined)) {
  await measure(name, () => FIGURES[name].measure(context));
}
for (const [name, end] of counting) await measure(name, end);

await unlessEnding();
if (isWritten) say('written: test/bench/results.json, RESULTS.md and results.svg, and quoted in README.md');
const missed = Object.values(figures).flatMap(({ rows }) => rows.filter(({ isMet }) => isMet === false));
for (const { what, missedBy } of missed) say(`missed: ${what}, by ${missedBy}`);
for (const name of failed) say(`not measured: ${name}`);
await server.close();
const left = await finish();
if (left > 0) say(`ended ${left} processes that were left`);
say(`took ${Math.round(secondsSince(startedAt) / 60)} minutes`);
process.exit(missed.length + failed.length > 0 ? 1 : 0);
