// From the start of the bundle to the end of its first cycle, against `node -e 0`.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEnv, createGateway, NODE_PROGRAM } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { runProgram } from '../processes.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const LIMIT_RATIO = 4;
const ROUNDS = 15;
const TIMEOUT_MS = 10_000;

/** Starts it and waits until `isDone`; resolves with how long that took. */
async function timeStart(gateway, isDone) {
  const startedAt = performance.now();
  gateway.start();
  while (!isDone()) {
    if (performance.now() - startedAt > TIMEOUT_MS) throw new Error(`not done after ${TIMEOUT_MS} ms`);
    await sleep(1);
  }
  return performance.now() - startedAt;
}

const hasReported = (gateway) => gateway.readStatus()?.agent.pid === gateway.pid;

const isReleaseStored = (gateway) => {
  const releases = path.join(gateway.state, 'store', 'releases');
  return existsSync(releases) && readdirSync(releases).some((name) => /^[0-9a-f]{64}$/.test(name));
};

/** First boot: nothing on disk, so source, gate and store are part of it. */
async function measureFirstBoot(options) {
  const gateway = await createGateway(options);
  try {
    return await timeStart(
      gateway,
      () => hasReported(gateway) && gateway.readStatus().desired !== null && isReleaseStored(gateway),
    );
  } finally {
    await gateway.stop();
  }
}

/** A gateway that was proven once and has ended: its release is on disk. */
async function createSettled(options) {
  const gateway = await createGateway(options);
  gateway.start();
  await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
  await gateway.end();
  return gateway;
}

export async function measureStartUp({ bucket, directory }) {
  const results = { bare: [], restart: [], withoutFlags: [], directory: [], s3: [] };
  const s3 = { source: bucket.uri, endpoint: bucket.endpoint };
  const settled = await createSettled(s3);
  const withoutFlags = await createSettled({ ...s3, nodeFlags: [] });
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      results.bare.push((await runProgram(NODE_PROGRAM, ['-e', '0'], { env: createEnv() })).wallMs);
      results.restart.push(await timeStart(settled, () => hasReported(settled)));
      await settled.end();
      results.withoutFlags.push(await timeStart(withoutFlags, () => hasReported(withoutFlags)));
      await withoutFlags.end();
      results.directory.push(await measureFirstBoot({ source: `file://${directory}` }));
      results.s3.push(await measureFirstBoot(s3));
    }
  } finally {
    await settled.stop();
    await withoutFlags.stop();
  }
  const ratio = (values) => round(median(values) / median(results.bare));
  return {
    title: 'Start',
    rows: [
      { what: '`node -e 0`, ms', measured: describeSpread(results.bare, 0) },
      {
        what: 'a release on disk, to the end of the first cycle, ms',
        measured: describeSpread(results.restart, 0),
      },
      judge({
        what: 'end of the first cycle, to `node -e 0`',
        value: ratio(results.restart),
        limit: LIMIT_RATIO,
      }),
      { what: 'without V8 flags, to `node -e 0`', measured: ratio(results.withoutFlags) },
      {
        what: 'nothing on disk, source a directory, to the release on disk, ms',
        measured: describeSpread(results.directory, 0),
      },
      { what: 'that, to `node -e 0`', measured: ratio(results.directory) },
      {
        what: 'nothing on disk, source S3, to the release on disk, ms',
        measured: describeSpread(results.s3, 0),
      },
      { what: 'that, to `node -e 0`', measured: ratio(results.s3) },
    ],
    method: `${ROUNDS} interleaved rounds, from spawn, without NODE_OPTIONS or other variables of Node, the agent with its V8 flags unless it says otherwise: any V8 flag makes Node reject the compiled form of its own modules, which costs some 20 ms at each start. The first cycle is done when the status document names the new process; with a release on disk (a restart, a reboot) it works from there and asks S3 afterwards. With nothing on disk the time is that of the whole way: source, gate, store, status naming the release as desired. The source has an agreeing manifest, so nothing settles; the answers of moto, one after the other, are in the figure of S3.`,
    raw: results,
  };
}
