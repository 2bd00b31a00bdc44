// CPU of one look at an unchanged source, against `aws s3 sync` of the same prefix, which is what people run from
// cron instead.

import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCountingProxy } from '../counting-proxy.mjs';
import { createGateway, NODE_ENV } from '../gateway.mjs';
import { readCpuMs, runProgram } from '../processes.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const LIMIT_RATIO = 1 / 50;
const ROUNDS = 9;
const WINDOW_MS = 3_000;

export async function measureCheckCpu({ bucket, awsProgram }) {
  const proxy = await startCountingProxy({ target: bucket.endpoint });
  const gateway = await createGateway({
    source: bucket.uri,
    endpoint: proxy.url,
    // A listing with every fifteenth look, as at the default speeds; only everything twenty times faster.
    env: { GATEWAY_POLL_INTERVAL: '100ms', GATEWAY_LIST_INTERVAL: '1500ms' },
  });
  const target = mkdtempSync(path.join(os.tmpdir(), 'aws-sync-'));
  const syncOnce = () =>
    runProgram(
      awsProgram,
      ['s3', 'sync', '--no-progress', `s3://${bucket.bucket}/${bucket.prefix}`, target],
      {
        env: {
          ...NODE_ENV,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_REGION: 'eu-west-1',
          AWS_ENDPOINT_URL: proxy.url,
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      },
    );
  try {
    gateway.start();
    await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
    await syncOnce();
    await sleep(3_000);
    const checksMs = [];
    const syncsMs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const cpuBefore = readCpuMs(gateway.pid);
      const requestsBefore = proxy.counts.requests;
      await sleep(WINDOW_MS);
      checksMs.push((readCpuMs(gateway.pid) - cpuBefore) / (proxy.counts.requests - requestsBefore));
      syncsMs.push((await syncOnce()).cpuMs);
    }
    const ratio = median(checksMs) / median(syncsMs);
    return {
      title: 'One look at an unchanged source',
      rows: [
        { what: 'agent, CPU ms per request to S3', measured: describeSpread(checksMs, 2) },
        { what: '`aws s3 sync`, CPU ms per run', measured: describeSpread(syncsMs, 0) },
        {
          what: 'agent to `aws s3 sync`',
          measured: `1 / ${round(1 / ratio, 0)}`,
          limit: '1 / 50',
          isMet: ratio <= LIMIT_RATIO,
        },
      ],
      method: `${ROUNDS} rounds, each a window of ${WINDOW_MS / 1000} s of the agent at 20 times its default speeds, then one \`aws s3 sync\` of the same prefix into a directory that has it all; user and system time. Everything that the agent does in the window counts as its looks.`,
    };
  } finally {
    await gateway.stop();
    await proxy.close();
    rmSync(target, { recursive: true, force: true });
  }
}
