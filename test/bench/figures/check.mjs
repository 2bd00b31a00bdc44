// CPU, memory and requests of one look at an unchanged source, against one run of each program that people start from a
// timer instead.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCountingProxy } from '../counting-proxy.mjs';
import { createGateway } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { readCpuMs, readRssMiB } from '../processes.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const LIMIT_RATIO = 1 / 50;
const ROUNDS = 9;
const WINDOW_MS = 3_000;
// A listing with every fifteenth look, as at the default speeds; only everything twenty times faster.
const SPEEDS = { GATEWAY_POLL_INTERVAL: '100ms', GATEWAY_LIST_INTERVAL: '1500ms' };

const showFraction = (ratio) => `1 / ${round(1 / ratio, 0)}`;

async function measureWindow(gateway, counts) {
  const [cpuBefore, requestsBefore] = [readCpuMs(gateway.pid), counts.requests];
  await sleep(WINDOW_MS);
  return (readCpuMs(gateway.pid) - cpuBefore) / (counts.requests - requestsBefore);
}

export async function measureCheck({ bucket, peers }) {
  const proxy = await startCountingProxy({ target: bucket.endpoint });
  const peerProxy = await startCountingProxy({ target: bucket.endpoint });
  const gateway = await createGateway({ source: bucket.uri, endpoint: proxy.url, env: SPEEDS });
  const root = mkdtempSync(path.join(os.tmpdir(), 'bench-check-'));
  const sync = (peer) => {
    const target = path.join(root, peer.name);
    mkdirSync(target, { recursive: true });
    return peer.sync({ endpoint: peerProxy.url, bucket: bucket.bucket, prefix: bucket.prefix, target });
  };
  const raw = { agent: { cpuMs: [], residentMiB: [] } };
  try {
    gateway.start();
    await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
    for (const peer of peers.syncs) {
      await sync(peer);
      raw[peer.name] = { cpuMs: [], peakMiB: [], wallMs: [], requests: [] };
    }
    await sleep(WINDOW_MS);
    for (let count = 0; count < ROUNDS; count += 1) {
      raw.agent.cpuMs.push(await measureWindow(gateway, proxy.counts));
      raw.agent.residentMiB.push(readRssMiB(gateway.pid));
      for (const peer of peers.syncs) {
        const before = peerProxy.counts.requests;
        const run = await sync(peer);
        for (const key of ['cpuMs', 'peakMiB', 'wallMs']) raw[peer.name][key].push(run[key]);
        raw[peer.name].requests.push(peerProxy.counts.requests - before);
      }
    }
  } finally {
    await gateway.stop();
    await proxy.close();
    await peerProxy.close();
    rmSync(root, { recursive: true, force: true });
  }
  return describe({ raw, peers });
}

function describe({ raw, peers }) {
  const agentMs = median(raw.agent.cpuMs);
  const peerRows = peers.syncs.flatMap(({ name, label }) => {
    const { cpuMs, peakMiB } = raw[name];
    const ratio = agentMs / median(cpuMs);
    const what = `agent to ${label}, CPU`;
    return [
      { what: `${label}, CPU ms per run`, measured: describeSpread(cpuMs, 0) },
      name === 'aws'
        ? judge({ what, value: ratio, limit: LIMIT_RATIO, show: showFraction })
        : { what, measured: showFraction(ratio) },
      { what: `${label}, peak of a run, MiB`, measured: describeSpread(peakMiB) },
      { what: `${label}, requests per run`, measured: median(raw[name].requests) },
    ];
  });
  const beside = { agent: { cpuMs: agentMs, memoryMiB: median(raw.agent.residentMiB) } };
  for (const { name } of peers.syncs) {
    beside[name] = { cpuMs: median(raw[name].cpuMs), memoryMiB: median(raw[name].peakMiB) };
  }
  return {
    title: 'One look at an unchanged source',
    rows: [
      { what: 'agent, CPU ms per request to S3', measured: describeSpread(raw.agent.cpuMs, 2) },
      { what: 'agent, resident all the time, MiB', measured: describeSpread(raw.agent.residentMiB) },
      ...peerRows,
    ],
    method: `${ROUNDS} rounds, each a window of ${WINDOW_MS / 1000} s of the agent at 20 times its default speeds, then one run of each peer on the same prefix of 4 objects, into a directory that has it all; user and system time. Everything that the agent does in the window counts as its looks. A peer's CPU and peak memory are what the kernel says when it has ended. \`rclone\` with \`--fast-list --checksum\`, which asks S3 least.`,
    beside,
    raw,
  };
}
