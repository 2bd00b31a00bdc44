// A local S3 server (moto) with one bucket in the original layout, for `make run SOURCE=s3` and the benchmark.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findFreePort } from './free-port.mjs';

// The SDK warns of Node 20 on each start; the person at this terminal runs the example only.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const REGION = 'eu-west-1';
const START_TIMEOUT_MS = 60_000;

/** Directory of `python`, `moto_server` and `aws`; sets them up first where they are not there. */
export function findPythonBin() {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  return execFileSync('test/tools/setup-python.sh', ['--print-bin'], options).trim();
}

async function waitUntilItAnswers(endpoint, server) {
  for (const deadline = performance.now() + START_TIMEOUT_MS; ; await sleep(50)) {
    try {
      await fetch(`${endpoint}/moto-api/`);
      return;
    } catch (error) {
      // Refused: it is still starting.
      if (server.exitCode !== null || performance.now() > deadline) {
        throw new Error('the local S3 server did not start; see moto.log', { cause: error });
      }
    }
  }
}

/** Starts the server, its log in `home`, and makes the bucket. `close` ends the server by its pid. */
export async function startBucket({ system, home }) {
  const endpoint = `http://127.0.0.1:${await findFreePort()}`;
  const log = openSync(path.join(home, 'moto.log'), 'w');
  const server = spawn(path.join(findPythonBin(), 'moto_server'), ['-p', new URL(endpoint).port], {
    stdio: ['ignore', log, log],
    // Ctrl-C is for the agent first; the server ends last.
    detached: true,
  });
  const gone = once(server, 'exit');
  await waitUntilItAnswers(endpoint, server);
  const bucket = `${system}-configuration`;
  const client = new S3Client({
    endpoint,
    region: REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const CreateBucketConfiguration = { LocationConstraint: REGION };
  await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }));
  return {
    client,
    endpoint,
    pid: server.pid,
    bucket,
    prefix: `${system}/datomic/analytics/${system}/etc/`,
    uri: `s3://${bucket}`,
    async close() {
      client.destroy();
      server.kill('SIGKILL');
      await gone;
    },
  };
}
