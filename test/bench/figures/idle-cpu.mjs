// All CPU that agent and children take while nothing happens, at the default speeds.

import { setTimeout as sleep } from 'node:timers/promises';
import { createGateway } from '../gateway.mjs';
import { listChildren, readCpuMs } from '../processes.mjs';
import { round } from '../statistics.mjs';

const LIMIT_PERCENT = 1;
/** After the first proof the JIT and the last writes calm down; idle is what comes then. */
const CALM_MS = 5_000;

export async function measureIdleCpu({ bucket, idleSeconds }) {
  const gateway = await createGateway({ source: bucket.uri, endpoint: bucket.endpoint });
  try {
    gateway.start();
    await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
    await sleep(CALM_MS);
    const children = listChildren(gateway.pid);
    const read = () => [gateway.pid, ...children].map(readCpuMs);
    const before = read();
    const startedAt = performance.now();
    await sleep(idleSeconds * 1000);
    const wallMs = performance.now() - startedAt;
    const [agentMs, ...childrenMs] = read().map((cpuMs, index) => cpuMs - before[index]);
    const percent = (cpuMs) => round((cpuMs * 100) / wallMs, 3);
    const total = percent(agentMs + childrenMs.reduce((sum, cpuMs) => sum + cpuMs, 0));
    return {
      title: 'Idle',
      rows: [
        {
          what: 'agent and children, share of one core',
          measured: `${total} %`,
          limit: `${LIMIT_PERCENT} %`,
          isMet: total <= LIMIT_PERCENT,
        },
        { what: 'of that, the agent itself', measured: `${percent(agentMs)} %` },
      ],
      method: `Default speeds (manifest every 2 s, listing every 30 s), over S3, ${round(wallMs / 1000, 0)} s after the first proof; user and system time from /proc. The child is the stand-in engine, which re-reads metaschemas; a JVM is not counted here.`,
    };
  } finally {
    await gateway.stop();
  }
}
