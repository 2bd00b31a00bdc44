// All CPU that agent and children take while nothing happens, at the default speeds, beside consul-template, which stays
// in memory too.

import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startConsulTemplate } from '../consul-template.mjs';
import { createGateway } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { listChildren, readCpuMs, readRssMiB } from '../processes.mjs';
import { IDLE_SECONDS } from '../settings.mjs';
import { round } from '../statistics.mjs';

const LIMIT_PERCENT = 1;
/** After the first proof the JIT and the last writes calm down; idle is what comes then. */
const CALM_MS = 5_000;

const showPercent = (value) => `${value} %`;

export async function measureIdle({ bucket, directory, peers }) {
  const overS3 = await createGateway({ source: bucket.uri, endpoint: bucket.endpoint });
  const local = await createGateway({ source: `file://${directory}` });
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'bench-idle-'));
  let peer = null;
  try {
    for (const gateway of [overS3, local]) {
      gateway.start();
      await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
    }
    if (peers.consulTemplate !== null) {
      peer = startConsulTemplate({
        program: peers.consulTemplate,
        source: directory,
        target: path.join(scratch, 'rendered'),
        files: Object.keys(bucket.files),
        home: path.join(scratch, 'templates'),
      });
    }
    await sleep(CALM_MS);
    const pids = {
      agent: [overS3.pid],
      engine: listChildren(overS3.pid),
      directory: [local.pid],
      ...(peer === null ? {} : { 'consul-template': [peer.pid] }),
    };
    const read = () =>
      Object.fromEntries(
        Object.entries(pids).map(([name, all]) => [name, all.reduce((sum, pid) => sum + readCpuMs(pid), 0)]),
      );
    const before = read();
    const startedAt = performance.now();
    await sleep(IDLE_SECONDS * 1_000);
    const wallMs = performance.now() - startedAt;
    const after = read();
    const percent = Object.fromEntries(
      Object.keys(pids).map((name) => [name, round(((after[name] - before[name]) * 100) / wallMs, 3)]),
    );
    const memoryMiB = Object.fromEntries(
      Object.entries(pids).map(([name, [pid]]) => [name, round(readRssMiB(pid), 1)]),
    );
    return report({ percent, memoryMiB, wallMs });
  } finally {
    await overS3.stop();
    await local.stop();
    await peer?.stop();
  }
}

function report({ percent, memoryMiB, wallMs }) {
  const peerRows =
    percent['consul-template'] === undefined
      ? []
      : [
          {
            what: '`consul-template` on the same directory, share of one core',
            measured: showPercent(percent['consul-template']),
          },
          { what: '`consul-template`, resident, MiB', measured: memoryMiB['consul-template'] },
        ];
  return {
    title: 'Idle',
    rows: [
      judge({
        what: 'agent and children, share of one core',
        value: round(percent.agent + percent.engine, 3),
        limit: LIMIT_PERCENT,
        show: showPercent,
      }),
      { what: 'of that, the agent itself', measured: showPercent(percent.agent) },
      { what: 'agent with a local directory as source', measured: showPercent(percent.directory) },
      { what: 'agent with a local directory, resident, MiB', measured: memoryMiB.directory },
      ...peerRows,
    ],
    method: `Default speeds (manifest every 2 s, listing every 30 s), over S3, ${round(wallMs / 1000, 0)} s after the first proof; user and system time from /proc, all in the same time. The child is the stand-in engine, which re-reads metaschemas; a JVM is not counted here. \`consul-template\` renders the files of that directory and looks at them every 2 s; it has no engine.`,
    beside:
      percent['consul-template'] === undefined
        ? {}
        : {
            'consul-template': {
              idlePercent: percent['consul-template'],
              memoryMiB: memoryMiB['consul-template'],
            },
          },
    raw: { percent, memoryMiB, seconds: round(wallMs / 1000, 1) },
  };
}
