// `analytics sync` of 200 files that are all there already, against `aws s3 sync` of the same; and the start of the
// command line itself, against `node -e 0`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { startCountingProxy } from '../counting-proxy.mjs';
import { createEnv, NODE_PROGRAM } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { runProgram } from '../processes.mjs';
import { describeSpread, median, round } from '../statistics.mjs';

const SYNC_LIMIT_RATIO = 0.8;
const HELP_LIMIT_RATIO = 1.5;
const ROUNDS = 9;
const HELP_ROUNDS = 25;
const FILES = 200;
const SYSTEM = 'bench-sync';
const CTL = path.resolve('dist/gatewayctl.cjs');

function layOut(root) {
  for (let index = 0; index < FILES; index += 1) {
    const isCatalog = index % 5 === 0;
    const file = isCatalog ? `catalog/c${index}.properties` : `datomic/m${index}.edn`;
    const text = isCatalog
      ? `connector.name=datomic\ndatomic.databases=[d${index}]\n`
      : `{:tables {:entity${index}/id {:name "entity${index}"}}}\n`;
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}

async function makeBucket(client, name, system) {
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' };
  await client.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
  const TagSet = [{ Key: 'datomic:system', Value: system }];
  await client.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet } }));
}

export async function measureOperatorSync({ bucket, peers }) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-sync-'));
  layOut(directory);
  await makeBucket(bucket.client, SYSTEM, SYSTEM);
  await makeBucket(bucket.client, `${SYSTEM}-aws`, 'another');
  let puts = 0;
  const onAnswer = ({ method }) => {
    if (method === 'PUT') puts += 1;
  };
  const proxy = await startCountingProxy({ target: bucket.endpoint, onAnswer });
  const env = {
    ...createEnv(),
    HOME: directory,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: proxy.url,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const ours = () => runProgram(NODE_PROGRAM, [CTL, 'analytics', 'sync', SYSTEM, directory], { env });
  const awsArguments = ['s3', 'sync', '--no-progress', '--delete', '--exclude', 'datomic/views/*'];
  const theirs = () =>
    runProgram(peers.awsProgram, [...awsArguments, directory, `s3://${SYSTEM}-aws/etc`], { env });
  const results = { ours: [], theirs: [], puts: [], help: [], bare: [] };
  try {
    await ours();
    await theirs();
    for (let index = 0; index < ROUNDS; index += 1) {
      const putsBefore = puts;
      results.ours.push((await ours()).wallMs);
      results.puts.push(puts - putsBefore);
      results.theirs.push((await theirs()).wallMs);
    }
    for (let index = 0; index < HELP_ROUNDS; index += 1) {
      results.bare.push((await runProgram(NODE_PROGRAM, ['-e', '0'], { env })).wallMs);
      results.help.push((await runProgram(NODE_PROGRAM, [CTL, '--help'], { env })).wallMs);
    }
  } finally {
    await proxy.close();
    rmSync(directory, { recursive: true, force: true });
  }
  const syncRatio = round(median(results.ours) / median(results.theirs));
  const helpRatio = round(median(results.help) / median(results.bare));
  const mostPuts = Math.max(...results.puts);
  return {
    title: `Sync of ${FILES} unchanged files, and the start of the command line`,
    rows: [
      { what: '`gatewayctl analytics sync`, ms', measured: describeSpread(results.ours, 0) },
      { what: '`aws s3 sync`, ms', measured: describeSpread(results.theirs, 0) },
      judge({ what: 'ours to `aws s3 sync`', value: syncRatio, limit: SYNC_LIMIT_RATIO }),
      judge({ what: 'objects put by ours, each time', value: mostPuts, limit: 1 }),
      { what: '`node -e 0`, ms', measured: describeSpread(results.bare, 0) },
      { what: '`gatewayctl --help`, ms', measured: describeSpread(results.help, 0) },
      judge({ what: '`--help` to `node -e 0`', value: helpRatio, limit: HELP_LIMIT_RATIO }),
    ],
    method: `${ROUNDS} interleaved rounds of both programs on the same directory, each into a bucket of its own that holds all of it, from spawn to exit: ours gates, finds the bucket by its tag, compares by content and puts the manifest; \`aws s3 sync --delete\` compares sizes and times. ${HELP_ROUNDS} interleaved rounds of the start.`,
    raw: results,
  };
}
