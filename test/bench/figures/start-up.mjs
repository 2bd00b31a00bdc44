// From the start of the bundle to the end of its first cycle with the release on disk, against `node -e 0`.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGateway, NODE_ENV } from '../gateway.mjs';
import { runProgram } from '../processes.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const LIMIT_RATIO = 4;
const ROUNDS = 15;
const TIMEOUT_MS = 10_000;

const isReleaseOnDisk = (state) => {
  const releases = path.join(state, 'releases');
  return existsSync(releases) && readdirSync(releases).some((name) => /^[0-9a-f]{64}$/.test(name));
};

async function measureOnce({ source, endpoint }) {
  const gateway = await createGateway({ source, ...(endpoint === undefined ? {} : { endpoint }) });
  try {
    const startedAt = performance.now();
    gateway.start();
    for (;;) {
      const hasReported = gateway.readStatus()?.desired != null;
      if (hasReported && isReleaseOnDisk(gateway.state)) return performance.now() - startedAt;
      if (performance.now() - startedAt > TIMEOUT_MS) throw new Error('no release on disk after 10 s');
      await sleep(1);
    }
  } finally {
    await gateway.stop();
  }
}

export async function measureStartUp({ bucket, directory }) {
  const results = { bare: [], directory: [], s3: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    results.bare.push((await runProgram(process.execPath, ['-e', '0'], { env: NODE_ENV })).wallMs);
    results.directory.push(await measureOnce({ source: `file://${directory}` }));
    results.s3.push(await measureOnce({ source: bucket.uri, endpoint: bucket.endpoint }));
  }
  const ratio = (values) => median(values) / median(results.bare);
  return {
    title: 'Start',
    rows: [
      { what: '`node -e 0`, ms', measured: describeSpread(results.bare, 0) },
      { what: 'bundle, source a directory, ms', measured: describeSpread(results.directory, 0) },
      { what: 'bundle, source S3, ms', measured: describeSpread(results.s3, 0) },
      {
        what: 'directory, to `node -e 0`',
        measured: round(ratio(results.directory)),
        limit: LIMIT_RATIO,
        isMet: ratio(results.directory) <= LIMIT_RATIO,
      },
      {
        what: 'S3, to `node -e 0`',
        measured: round(ratio(results.s3)),
        limit: LIMIT_RATIO,
        isMet: ratio(results.s3) <= LIMIT_RATIO,
      },
    ],
    method: `${ROUNDS} interleaved rounds, empty disk each time; from spawn to the release under its final name and a status that names it as desired. Source with an agreeing manifest, so nothing settles. S3 is moto on the same machine, whose own answers (six of them, one after the other) are in the figure.`,
  };
}
