// From the end of a sync to the new text in the live directory, at the default speeds, beside peers in timers: of the
// same period, and of the same price. And the same where the source is a local directory, beside consul-template.

import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { createManifest, syncFiles } from '../../run/upload.mjs';
import { startConsulTemplate } from '../consul-template.mjs';
import { followFile } from '../follow-file.mjs';
import { createGateway } from '../gateway.mjs';
import { LIVE_CHANGES } from '../settings.mjs';
import { percentile, round } from '../statistics.mjs';

const BUCKET = 'bench-live';
const FILE = 'datomic/shop.edn';
/** What the agent's default is, and the period at which one LIST a run costs what the agent costs. */
const PERIODS = { same: 2_000, price: 14_000 };
const GAP_MS = [2_500, 5_500];
const TIMEOUT_MS = 60_000;
const MARKER = /; change (\d+) of the benchmark/;

const scratch = (name) => mkdtempSync(path.join(os.tmpdir(), `bench-live-${name}-`));

/** Runs `work` at the start of each period, or at once when the last run took longer than that. */
function startTimer(periodMs, work) {
  let isRunning = true;
  const done = (async () => {
    for (let due = performance.now(); isRunning; due = Math.max(due + periodMs, performance.now())) {
      await sleep(Math.max(0, due - performance.now()));
      await work();
    }
  })();
  return async () => {
    isRunning = false;
    await done;
  };
}

/** One who follows: notes at which time each change was first seen in its live file, in it or in a later one. */
function createFollower(name, label, file) {
  const seenAt = [];
  const close = followFile(file, (text) => {
    const [, change] = MARKER.exec(text) ?? [];
    if (change === undefined) return;
    const at = performance.now();
    while (seenAt.length <= Number(change)) seenAt.push(at);
  });
  return { name, label, seenAt, close };
}

async function startAgent(name, label, options) {
  const gateway = await createGateway(options);
  gateway.start();
  await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
  const follower = createFollower(name, label, path.join(gateway.etc, FILE));
  return { ...follower, stop: () => gateway.stop() };
}

function startPeer({ peer, period, bucket }) {
  const target = scratch(peer.name);
  const label = `${peer.label} every ${PERIODS[period] / 1_000} s`;
  const follower = createFollower(`${peer.name}:${period}`, label, path.join(target, FILE));
  const run = () => peer.sync({ endpoint: bucket.endpoint, bucket: BUCKET, prefix: bucket.prefix, target });
  return { ...follower, stop: startTimer(PERIODS[period], run) };
}

/** A local directory as source: `publish` replaces each file by rename, the manifest last. */
function createDirectory() {
  const directory = scratch('source');
  return {
    directory,
    publish(files, by) {
      for (const [file, text] of Object.entries({ ...files, 'manifest.json': createManifest(files, by) })) {
        const to = path.join(directory, file);
        mkdirSync(path.dirname(to), { recursive: true });
        writeFileSync(`${to}.new`, text);
        renameSync(`${to}.new`, to);
      }
    },
  };
}

async function startContestants({ bucket, source, peers }) {
  const contestants = [
    await startAgent('agent', 'agent, S3, default speeds', {
      source: `s3://${BUCKET}`,
      endpoint: bucket.endpoint,
    }),
    await startAgent('agent:directory', 'agent, a local directory', { source: `file://${source.directory}` }),
  ];
  for (const period of Object.keys(PERIODS)) {
    for (const peer of peers.syncs) contestants.push(startPeer({ peer, period, bucket }));
  }
  if (peers.consulTemplate !== null) {
    const target = scratch('rendered');
    const { stop } = startConsulTemplate({
      program: peers.consulTemplate,
      source: source.directory,
      target,
      files: Object.keys(bucket.files),
      home: scratch('templates'),
    });
    const label = '`consul-template`, a local directory';
    contestants.push({ ...createFollower('consul-template', label, path.join(target, FILE)), stop });
  }
  return contestants;
}

export async function measureChangeToLive({ bucket, peers }) {
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' };
  await bucket.client.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration }));
  const source = createDirectory();
  const syncedAt = [];
  const publishedAt = [];
  const publish = async (change) => {
    const by = `bench-${change}`;
    const files = { ...bucket.files, [FILE]: `${bucket.files[FILE]}\n; change ${change} of the benchmark\n` };
    source.publish(files, by);
    publishedAt.push(performance.now());
    await syncFiles({ ...bucket, bucket: BUCKET, files, by });
    syncedAt.push(performance.now());
  };
  await publish(0);
  const contestants = await startContestants({ bucket, source, peers });
  try {
    for (let change = 1; change <= LIVE_CHANGES; change += 1) {
      await sleep(GAP_MS[0] + Math.random() * (GAP_MS[1] - GAP_MS[0]));
      await publish(change);
    }
    const behind = () => contestants.filter(({ seenAt }) => seenAt.length <= LIVE_CHANGES);
    for (const deadline = performance.now() + TIMEOUT_MS; behind().length > 0; await sleep(50)) {
      if (performance.now() > deadline) throw new Error(`not live: ${behind().map(({ label }) => label)}`);
    }
  } finally {
    for (const { close } of contestants) close();
    // All at once: a timer ends with its period.
    await Promise.all(contestants.map(({ stop }) => stop()));
  }
  return report({ contestants, syncedAt, publishedAt });
}

function report({ contestants, syncedAt, publishedAt }) {
  const raw = {};
  const beside = {};
  const rows = contestants.map(({ name, label, seenAt }) => {
    const isLocal = name === 'agent:directory' || name === 'consul-template';
    const since = isLocal ? publishedAt : syncedAt;
    // The first one was there before anybody looked.
    raw[name] = seenAt.slice(1).map((at, index) => Math.max(0, round(at - since[index + 1], 0)));
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(raw[name], share));
    const [who, period] = name.split(':');
    if (period === undefined || period === 'same') beside[who] = { liveP50Ms: p50, liveP99Ms: p99 };
    return {
      what: `${label}: p50 / p99, s`,
      measured: `${round(p50 / 1_000, 2)} / ${round(p99 / 1_000, 2)}`,
    };
  });
  return {
    title: 'From the end of a sync to live files',
    rows,
    method: `${syncedAt.length - 1} changes of one metaschema at random times, ${GAP_MS[0] / 1_000} to ${GAP_MS[1] / 1_000} s apart; all contestants follow the same ones at once, each into a directory of its own. From the answer to the last put (S3) or the last rename (a local directory) to the file event of that change, or of a later one, in the live directory. A timer starts a run each period, from start to start. At ${PERIODS.price / 1_000} s a peer with one LIST a run costs what the agent does. A peer's file is live as soon as it is written: it checks nothing, and a set of files is live one by one. \`consul-template\` cannot read S3: it renders the files of a local directory, as it looks at them every 2 s; the agent beside it has the same directory as its source.`,
    beside,
    raw,
  };
}
