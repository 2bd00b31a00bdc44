// Resident memory after 1,000 cycles against a bare `node` that does nothing.

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCountingProxy } from '../counting-proxy.mjs';
import { createEnv, createGateway, NODE_FLAGS, NODE_PROGRAM } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { readRssMiB } from '../processes.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const LIMIT_RATIO = 1.8;
const CYCLES = 1_000;
const ROUNDS = 3;

async function measureBare(flags) {
  const bare = spawn(NODE_PROGRAM, [...flags, '-e', 'setInterval(() => {}, 1 << 30)'], { env: createEnv() });
  try {
    await sleep(2_000);
    return readRssMiB(bare.pid);
  } finally {
    bare.kill('SIGKILL');
  }
}

async function measureAgent({ bucket, flags }) {
  const proxy = await startCountingProxy({ target: bucket.endpoint });
  const gateway = await createGateway({
    source: bucket.uri,
    endpoint: proxy.url,
    nodeFlags: flags,
    env: { GATEWAY_POLL_INTERVAL: '20ms', GATEWAY_LIST_INTERVAL: '300ms' },
  });
  try {
    gateway.start();
    await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
    const before = proxy.counts.requests;
    while (proxy.counts.requests - before < CYCLES) await sleep(50);
    return readRssMiB(gateway.pid);
  } finally {
    await gateway.stop();
    await proxy.close();
  }
}

export async function measureResidentMemory({ bucket }) {
  const results = { bare: [], agent: [], agentWithoutFlags: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    results.bare.push(await measureBare([]));
    results.agent.push(await measureAgent({ bucket, flags: NODE_FLAGS }));
    results.agentWithoutFlags.push(await measureAgent({ bucket, flags: [] }));
  }
  const ratio = median(results.agent) / median(results.bare);
  return {
    title: 'Resident memory',
    rows: [
      { what: 'bare `node`, MiB', measured: describeSpread(results.bare) },
      { what: `agent after ${CYCLES} looks, MiB`, measured: describeSpread(results.agent) },
      judge({ what: 'agent to bare `node`', value: round(ratio), limit: LIMIT_RATIO }),
      {
        what: 'agent without V8 flags, to bare `node`',
        measured: round(median(results.agentWithoutFlags) / median(results.bare)),
      },
    ],
    method: `${ROUNDS} interleaved rounds; VmRSS. The agent runs with \`${NODE_FLAGS.join(' ')}\`, the bare \`node\` of the same version with none. A look is a request to S3 with the cycle that it causes, every 20 ms.`,
    raw: results,
  };
}
