// What a look at an unchanged source costs with 10, 100 and 1,000 files, by the manifest and by the listing, beside the
// peers; and what lies on disk then.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { syncFiles } from '../../run/upload.mjs';
import { startCountingProxy } from '../counting-proxy.mjs';
import { createGateway } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { readCpuMs } from '../processes.mjs';
import { median, round } from '../statistics.mjs';

const COUNTS = [10, 100, 1_000];
const LIMIT_RATIOS = { manifest: 1.2, listing: 20 };
const ROUNDS = 5;
const WINDOW_MS = 3_000;
const PEER_ROUNDS = 3;
/** As many as make the store hold all releases that it keeps. */
const CHANGES = 6;
/** Over the default limit of 500 files. */
const LIMITS = { GATEWAY_LIMIT_FILES: '2000' };
/** Looked at by one way only, so that each can be told from the other. */
const WAYS = {
  manifest: { GATEWAY_POLL_INTERVAL: '100ms', GATEWAY_LIST_INTERVAL: '1h' },
  listing: { GATEWAY_POLL_INTERVAL: '1h', GATEWAY_LIST_INTERVAL: '500ms' },
};
const TIMEOUT_MS = 120_000;

/** Two catalogs, and metaschemas of about 1 KiB. */
function makeFiles(count) {
  const describe = (index) => {
    if (index < 2) {
      return [`catalog/c${index}.properties`, `connector.name=datomic\ndatomic.databases=[d${index}]\n`];
    }
    const tables = Array.from(
      { length: 10 },
      (_, table) =>
        `:e${index}.t${table}/id {:name "entity_${index}_${table}" :scale {:e${index}.t${table}/total 2}}`,
    );
    return [`datomic/m${index}.edn`, `{:tables {${tables.join('\n  ')}}}\n`];
  };
  return Object.fromEntries(Array.from({ length: count }, (_, index) => describe(index)));
}

const isProven = ({ proven, desired, analytics }) =>
  proven !== null && proven.digest === desired?.digest && analytics.serving;

/** CPU in ms and bytes that were read, for one look each, over several windows. */
async function measureLooks({ gateway, seen }) {
  const looks = { cpuMs: [], bytes: [] };
  await sleep(WINDOW_MS);
  for (let window = 0; window < ROUNDS; window += 1) {
    const [cpuBefore, seenBefore] = [readCpuMs(gateway.pid), { ...seen }];
    await sleep(WINDOW_MS);
    const count = seen.looks - seenBefore.looks;
    looks.cpuMs.push((readCpuMs(gateway.pid) - cpuBefore) / count);
    looks.bytes.push((seen.bytes - seenBefore.bytes) / count);
  }
  return looks;
}

const diskKiB = (directory) =>
  Number(
    execFileSync('du', ['--summarize', '--block-size=1K', directory], { encoding: 'utf8' }).split('\t')[0],
  );

async function measureAgent({ source, proxy, seen, change }) {
  const gateway = await createGateway({ source, endpoint: proxy.url, env: LIMITS });
  try {
    gateway.start(WAYS.manifest);
    let { proven } = await gateway.waitFor(isProven, TIMEOUT_MS);
    const manifest = await measureLooks({ gateway, seen });
    const [stateKiB, etcKiB] = [diskKiB(gateway.state), diskKiB(gateway.etc)];
    for (let count = 0; count < CHANGES; count += 1) {
      await change(count);
      const isNext = (status) => isProven(status) && status.proven.digest !== proven.digest;
      ({ proven } = await gateway.waitFor(isNext, TIMEOUT_MS));
    }
    const fullStateKiB = diskKiB(gateway.state);
    await gateway.end();
    gateway.start(WAYS.listing);
    const isBack = (status) => status.agent.pid === gateway.pid && isProven(status);
    await gateway.waitFor(isBack, TIMEOUT_MS);
    const listing = await measureLooks({ gateway, seen });
    return { manifest, listing, stateKiB, fullStateKiB, etcKiB };
  } finally {
    await gateway.stop();
  }
}

async function measurePeers({ peers, proxy, bucket, prefix }) {
  const cpuMs = {};
  for (const peer of peers.syncs) {
    const target = mkdtempSync(path.join(os.tmpdir(), 'bench-growth-'));
    const sync = () => peer.sync({ endpoint: proxy.url, bucket, prefix, target });
    await sync();
    const runs = [];
    for (let n = 0; n < PEER_ROUNDS; n += 1) runs.push(await sync());
    cpuMs[peer.name] = runs.map((run) => run.cpuMs);
    rmSync(target, { recursive: true, force: true });
  }
  return cpuMs;
}

async function measureCount({ count, bucket, peers }) {
  const name = `bench-growth-${count}`;
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' };
  await bucket.client.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
  const files = makeFiles(count);
  const sync = (text) =>
    syncFiles({ ...bucket, bucket: name, files: { ...files, 'datomic/m2.edn': text }, by: 'bench' });
  const first = files['datomic/m2.edn'];
  const change = (number) => sync(`${first}; change ${number}\n`);
  await sync(first);
  const seen = { looks: 0, bytes: 0 };
  const proxy = await startCountingProxy({
    target: bucket.endpoint,
    onAnswer: ({ method, url, body }) => {
      if (method !== 'GET') return;
      seen.bytes += body.length;
      // A listing of several pages is one look.
      const isPage = url.includes('continuation-token');
      if (!isPage) seen.looks += 1;
    },
  });
  try {
    const agent = await measureAgent({ source: `s3://${name}`, proxy, seen, change });
    const peerCpuMs = await measurePeers({ peers, proxy, bucket: name, prefix: bucket.prefix });
    const sourceKiB = Object.values(files).join('').length / 1_024;
    return { ...agent, peerCpuMs, sourceKiB };
  } finally {
    await proxy.close();
  }
}

/** A median at each number of files, and how it grew from the first to the last. */
const readColumn = (found, pick) => COUNTS.map((count) => pick(found[count]));

export async function measureGrowth({ bucket, peers }) {
  const found = {};
  for (const count of COUNTS) found[count] = await measureCount({ count, bucket, peers });
  const describeCounts = (pick, digits) => readColumn(found, (one) => round(pick(one), digits)).join(' / ');
  const cpuMs = (way) => readColumn(found, (one) => median(one[way].cpuMs));
  const growth = (way) => round(cpuMs(way).at(-1) / cpuMs(way)[0]);
  const columns = COUNTS.join(' / ');
  const wayRows = Object.keys(WAYS).flatMap((way) => [
    {
      what: `agent, CPU ms per look at the ${way}, ${columns} files`,
      measured: describeCounts((one) => median(one[way].cpuMs), 2),
    },
    judge({
      what: `a look at the ${way}, ${COUNTS.at(-1)} files to ${COUNTS[0]}`,
      value: growth(way),
      limit: LIMIT_RATIOS[way],
    }),
    {
      what: `KiB read per look at the ${way}, ${columns} files`,
      measured: describeCounts((one) => median(one[way].bytes) / 1_024, 1),
    },
  ]);
  const peerRows = peers.syncs.map(({ name, label }) => ({
    what: `${label}, CPU ms per run, ${columns} files`,
    measured: describeCounts((one) => median(one.peerCpuMs[name]), 0),
  }));
  return {
    title: 'Growth, and bytes on disk',
    rows: [
      ...wayRows,
      ...peerRows,
      { what: `source, KiB, ${columns} files`, measured: describeCounts((one) => one.sourceKiB, 0) },
      {
        what: `state with one release, KiB on disk, ${columns} files`,
        measured: describeCounts((one) => one.stateKiB, 0),
      },
      { what: `live etc, KiB on disk, ${columns} files`, measured: describeCounts((one) => one.etcKiB, 0) },
      {
        what: `state after ${CHANGES} changes more, KiB on disk, ${columns} files`,
        measured: describeCounts((one) => one.fullStateKiB, 0),
      },
      ...['gateway-agent.cjs', 'gatewayctl.cjs'].map((file) => ({
        what: `\`${file}\`, KiB`,
        measured: round(statSync(path.join('dist', file)).size / 1_024, 0),
      })),
    ],
    method: `Two catalogs, the others are metaschemas of ten tables; \`source.limits.files\` is 2,000, its default is 500. ${ROUNDS} windows of ${WINDOW_MS / 1_000} s each; in one the agent looks at the manifest alone (every 100 ms), in the other at the listing alone (every 500 ms); everything that it does then counts as its looks. Read: the bodies of the answers. A listing of ${COUNTS.at(-1)} files and a manifest is two pages. Peers: ${PEER_ROUNDS} runs over an unchanged prefix. On disk: blocks, as \`du\` counts them. Changes more: of one file each, so that all releases that are kept are there.`,
    beside: Object.fromEntries([
      ['agent', { growthMs: cpuMs('manifest'), listingMs: cpuMs('listing') }],
      ...peers.syncs.map(({ name }) => [
        name,
        { growthMs: readColumn(found, (one) => median(one.peerCpuMs[name])) },
      ]),
    ]),
    raw: found,
  };
}
