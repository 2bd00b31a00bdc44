// Requests that an idle gateway makes at its default speeds, counted at a proxy while the other figures are measured, and
// what S3 charges for them; and the same for each peer from a timer.

import { mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { syncFiles } from '../../run/upload.mjs';
import { startCountingProxy } from '../counting-proxy.mjs';
import { createGateway } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { startMetadataStub } from '../metadata-stub.mjs';
import { classifyRequest, HOURS_PER_MONTH, PRICES_AS_OF, priceOf } from '../prices.mjs';
import { COUNT_SECONDS } from '../settings.mjs';
import { round } from '../statistics.mjs';

const LIMIT_DOLLARS = 1;
const PERIODS_SECONDS = [30, 2];
const BUCKET = 'bench-cost';
const INSTANCE = { instanceId: 'i-0bench', instanceType: 't3.large', region: 'eu-west-1' };
const HOUR = 3_600;
/** What follows the first proof (baseline, status, search for the tables) is over then: it is no polling. */
const CALM_MS = 90_000;

const dollars = (value) => `$${value.toFixed(2)}`;

/** Of which service a signed request is, by its own word. */
const serviceOf = (headers) =>
  /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? 'other';

/** Counts S3's requests by price, and those of other services by name. */
function createCounter() {
  const counter = { s3: { list: 0, get: 0, put: 0, delete: 0 }, others: {} };
  return {
    counter,
    onAnswer({ method, url, headers }) {
      const service = serviceOf(headers);
      if (service === 's3') counter.s3[classifyRequest({ method, url })] += 1;
      else counter.others[service] = (counter.others[service] ?? 0) + 1;
    },
  };
}

const subtract = (after, before) =>
  Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)]));

/** What one run of a peer asks of S3 where nothing has changed. */
async function countPeerRun({ peer, bucket }) {
  const { counter, onAnswer } = createCounter();
  const proxy = await startCountingProxy({ target: bucket.endpoint, onAnswer });
  const target = path.join(mkdtempSync(path.join(os.tmpdir(), 'bench-cost-')), peer.name);
  mkdirSync(target);
  const sync = () => peer.sync({ endpoint: proxy.url, bucket: BUCKET, prefix: bucket.prefix, target });
  try {
    await sync();
    const before = { ...counter.s3 };
    await sync();
    return subtract(counter.s3, before);
  } finally {
    await proxy.close();
  }
}

async function describePeers({ peers, bucket }) {
  const rows = [];
  const beside = {};
  const raw = {};
  for (const peer of peers.syncs) {
    const counts = await countPeerRun({ peer, bucket });
    raw[peer.name] = counts;
    const monthly = PERIODS_SECONDS.map((period) => (priceOf(counts) * HOURS_PER_MONTH * HOUR) / period);
    const asked = Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ');
    rows.push(
      ...PERIODS_SECONDS.map((period, index) => ({
        what: `${peer.label} every ${period} s (${asked} a run), a month`,
        measured: dollars(monthly[index]),
      })),
    );
    beside[peer.name] = Object.fromEntries(
      PERIODS_SECONDS.map((period, index) => [`dollars${period}s`, monthly[index]]),
    );
  }
  return { rows, beside, raw };
}

/** Begins to count; the function that it resolves with waits until it has been long enough, and reports. */
export async function beginCost({ bucket, peers }) {
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' };
  await bucket.client.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration }));
  // A bucket that no other figure changes.
  await syncFiles({ ...bucket, bucket: BUCKET, files: bucket.files, by: 'bench' });
  const { counter, onAnswer } = createCounter();
  const proxy = await startCountingProxy({ target: bucket.endpoint, onAnswer });
  const metadata = await startMetadataStub(INSTANCE);
  const gateway = await createGateway({
    source: `s3://${BUCKET}`,
    endpoint: proxy.url,
    env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url },
  });
  gateway.start();
  await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
  const counted = sleep(CALM_MS).then(() => ({
    before: structuredClone(counter),
    startedAt: performance.now(),
  }));
  return async () => {
    try {
      const { before, startedAt } = await counted;
      await sleep(Math.max(0, COUNT_SECONDS * 1_000 - (performance.now() - startedAt)));
      const seconds = (performance.now() - startedAt) / 1_000;
      const counts = subtract(counter.s3, before.s3);
      const others = subtract(counter.others, before.others);
      const isIdle = gateway.readStatus().analytics.serving;
      if (!isIdle) throw new Error('the gateway that was counted did not stay up');
      return await report({ counts, others, seconds, bucket, peers });
    } finally {
      await gateway.stop();
      await proxy.close();
      await metadata.close();
    }
  };
}

async function report({ counts, others, seconds, bucket, peers }) {
  const perHour = (count) => round((count * HOUR) / seconds, 0);
  const monthlyOf = (some) => (priceOf(some) * HOURS_PER_MONTH * HOUR) / seconds;
  const monthly = monthlyOf(counts);
  const { get, list } = counts;
  const described = await describePeers({ peers, bucket });
  const otherRows = Object.entries(others).map(([service, count]) => ({
    what: `requests to ${service} an hour, not S3`,
    measured: perHour(count),
  }));
  return {
    title: 'Requests and dollars of an idle gateway',
    rows: [
      { what: 'GET and HEAD an hour, default speeds', measured: perHour(counts.get) },
      { what: 'LIST an hour, default speeds', measured: perHour(counts.list) },
      { what: 'PUT an hour (the copy of the status)', measured: perHour(counts.put) },
      judge({
        what: 'polling S3 (GET and LIST), a month',
        value: monthlyOf({ get, list }),
        limit: LIMIT_DOLLARS,
        show: dollars,
      }),
      { what: 'with the copies of the status, a month', measured: dollars(monthly) },
      ...otherRows,
      ...described.rows,
    ],
    method: `Counted for ${round(seconds / 60, 0)} minutes at a proxy, on the real clock, while the other figures were measured, whose load can change the status (\`MemoryPressure\`) and so cost a copy: ${Object.entries(
      counts,
    )
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(
        ', ',
      )}. The gateway has an instance's metadata (a stub), so it reports as on an instance. Peers: requests of one run over an unchanged prefix, counted, times the runs of a month. List prices of S3 Standard in us-east-1 as of ${PRICES_AS_OF} (\`test/bench/prices.mjs\`), ${HOURS_PER_MONTH} hours a month; data transfer inside the region is free. CloudWatch's custom metrics, which \`report.cloudwatch\` turns off, are charged apart.`,
    beside: { agent: { dollars: monthly }, ...described.beside },
    raw: { seconds, counts, others, peers: described.raw },
  };
}
