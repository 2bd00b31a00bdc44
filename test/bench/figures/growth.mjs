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
import { readThreadsCpuMs } from '../processes.mjs';
import { median, round } from '../statistics.mjs';

const COUNTS = [10, 100, 1_000];
const LIMIT_RATIOS = { manifest: 1.2, listing: 20 };
const PEER_ROUNDS = 3;
/** As many as make the store hold all releases that it keeps. */
const CHANGES = 5;
/** At the default speed, but that the listing does not come in between; 500 files are the limit by default. */
const MANIFEST = {
  settings: { GATEWAY_LIST_INTERVAL: '1h', GATEWAY_LIMIT_FILES: '2000' },
  windows: 6,
  windowMs: 10_000,
};
/** The listing alone, much faster than by default: every 30 s it could not be told from the rest. */
const LISTING = {
  speeds: { GATEWAY_POLL_INTERVAL: '1h', GATEWAY_LIST_INTERVAL: '500ms' },
  windows: 4,
  windowMs: 3_000,
};
/** What comes after the first proof, such as the search for the tables, is over then. */
const CALM_MS = 15_000;
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

/** CPU in ms and bytes that were read, for one look each, of each gateway over the same windows. */
async function measureLooks({ systems, windows, windowMs }) {
  const take = () => systems.map(({ gateway, seen }) => ({ cpuMs: readThreadsCpuMs(gateway.pid), ...seen }));
  const looks = systems.map(() => ({ cpuMs: [], bytes: [] }));
  for (let before = take(), window = 0; window < windows; window += 1) {
    await sleep(windowMs);
    const after = take();
    for (const [index, look] of looks.entries()) {
      const of = (key) => after[index][key] - before[index][key];
      look.cpuMs.push(of('cpuMs') / of('looks'));
      look.bytes.push(of('bytes') / of('looks'));
    }
    before = after;
  }
  return looks;
}

const diskKiB = (directory) =>
  Number(
    execFileSync('du', ['--summarize', '--block-size=1K', directory], { encoding: 'utf8' }).split('\t')[0],
  );

/** What lies on disk, with one release and with all that are kept. */
async function measureDisk({ gateway, change }) {
  const [stateKiB, etcKiB] = [diskKiB(gateway.state), diskKiB(gateway.etc)];
  let { proven } = gateway.readStatus();
  for (let count = 0; count < CHANGES; count += 1) {
    await change(count);
    const isNext = (status) => isProven(status) && status.proven.digest !== proven.digest;
    ({ proven } = await gateway.waitFor(isNext, TIMEOUT_MS));
  }
  return { stateKiB, etcKiB, fullStateKiB: diskKiB(gateway.state) };
}

async function measureListing(system) {
  const { gateway } = system;
  await gateway.end();
  gateway.start(LISTING.speeds);
  const isBack = (status) => status.agent.pid === gateway.pid && isProven(status);
  await gateway.waitFor(isBack, TIMEOUT_MS);
  await sleep(LISTING.windowMs);
  const [looks] = await measureLooks({ systems: [system], ...LISTING });
  return looks;
}

async function measurePeers({ peers, proxy, bucket, name }) {
  const cpuMs = {};
  for (const peer of peers.syncs) {
    const target = mkdtempSync(path.join(os.tmpdir(), 'bench-growth-'));
    const sync = () => peer.sync({ endpoint: proxy.url, bucket: name, prefix: bucket.prefix, target });
    await sync();
    const runs = [];
    for (let n = 0; n < PEER_ROUNDS; n += 1) runs.push(await sync());
    cpuMs[peer.name] = runs.map((run) => run.cpuMs);
    rmSync(target, { recursive: true, force: true });
  }
  return cpuMs;
}

/** A bucket with so many files, and a gateway on it that counts what it asks for. */
async function createSystem({ count, bucket }) {
  const name = `bench-growth-${count}`;
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' };
  await bucket.client.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
  const files = makeFiles(count);
  const sync = (text) =>
    syncFiles({ ...bucket, bucket: name, files: { ...files, 'datomic/m2.edn': text }, by: 'bench' });
  const first = files['datomic/m2.edn'];
  await sync(first);
  const seen = { looks: 0, bytes: 0 };
  const proxy = await startCountingProxy({
    target: bucket.endpoint,
    onAnswer: ({ method, url, body }) => {
      if (method !== 'GET') return;
      seen.bytes += body.length;
      // A listing of several pages is one look.
      if (!url.includes('continuation-token')) seen.looks += 1;
    },
  });
  const gateway = await createGateway({
    source: `s3://${name}`,
    endpoint: proxy.url,
    env: MANIFEST.settings,
  });
  return {
    name,
    gateway,
    proxy,
    seen,
    change: (number) => sync(`${first}; change ${number}\n`),
    sourceKiB: Object.values(files).join('').length / 1_024,
    async close() {
      await gateway.stop();
      await proxy.close();
    },
  };
}

async function measureAll({ bucket, peers }) {
  const systems = [];
  try {
    for (const count of COUNTS) systems.push(await createSystem({ count, bucket }));
    for (const { gateway } of systems) gateway.start();
    for (const { gateway } of systems) await gateway.waitFor(isProven, TIMEOUT_MS);
    await sleep(CALM_MS);
    const manifest = await measureLooks({ systems, ...MANIFEST });
    const found = [];
    for (const [index, system] of systems.entries()) {
      const disk = await measureDisk(system);
      const listing = await measureListing(system);
      await system.gateway.end();
      const peerCpuMs = await measurePeers({ peers, bucket, ...system });
      found.push({ manifest: manifest[index], listing, ...disk, peerCpuMs, sourceKiB: system.sourceKiB });
    }
    return found;
  } finally {
    for (const system of systems) await system.close();
  }
}

export async function measureGrowth({ bucket, peers }) {
  const found = await measureAll({ bucket, peers });
  const describeCounts = (pick, digits) => found.map((one) => round(pick(one), digits)).join(' / ');
  const cpuMs = (way) => found.map((one) => median(one[way].cpuMs));
  const growth = (way) => round(cpuMs(way).at(-1) / cpuMs(way)[0]);
  const columns = COUNTS.join(' / ');
  const wayRows = Object.keys(LIMIT_RATIOS).flatMap((way) => [
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
    method: `Two catalogs, the others are metaschemas of ten tables; \`source.limits.files\` is 2,000, its default is 500. In ${MANIFEST.windows} windows of ${MANIFEST.windowMs / 1_000} s the agents look at the manifest alone, at the default speed of 2 s, all three at once; in ${LISTING.windows} windows of ${LISTING.windowMs / 1_000} s one at a time at the listing alone, every 500 ms; everything that it does then counts as its looks. Read: the bodies of the answers. A listing of ${COUNTS.at(-1)} files and a manifest is two pages. Peers: ${PEER_ROUNDS} runs over an unchanged prefix. On disk: blocks, as \`du\` counts them. Changes more: of one file each, so that all releases that are kept are there.`,
    beside: Object.fromEntries([
      ['agent', { growthMs: cpuMs('manifest'), listingMs: cpuMs('listing') }],
      ...peers.syncs.map(({ name }) => [name, { growthMs: found.map((one) => median(one.peerCpuMs[name])) }]),
    ]),
    raw: Object.fromEntries(COUNTS.map((count, index) => [count, found[index]])),
  };
}
