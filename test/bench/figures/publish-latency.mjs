// From the last byte of the manifest's response to the changed metaschema in the live etc.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCountingProxy } from '../counting-proxy.mjs';
import { followFile } from '../follow-file.mjs';
import { createGateway } from '../gateway.mjs';
import { judge } from '../judge.mjs';
import { CHANGES } from '../settings.mjs';
import { percentile, round } from '../statistics.mjs';

const LIMIT_P50_MS = 100;
const LIMIT_P99_MS = 300;
const FILE = 'datomic/shop.edn';

export async function measurePublishLatency({ bucket }) {
  let isFinalManifest = () => false;
  let answeredAt = null;
  const proxy = await startCountingProxy({
    target: bucket.endpoint,
    onAnswer: ({ method, url, status, body, at }) => {
      if (method !== 'GET' || status !== 200 || !url.includes('manifest.json')) return;
      if (answeredAt === null && isFinalManifest(body.toString())) answeredAt = at;
    },
  });
  const gateway = await createGateway({
    source: bucket.uri,
    endpoint: proxy.url,
    env: { GATEWAY_POLL_INTERVAL: '50ms', GATEWAY_LIST_INTERVAL: '30s' },
  });
  const latenciesMs = [];
  let stopFollowing = () => undefined;
  try {
    gateway.start();
    await gateway.waitFor(({ proven, analytics }) => proven !== null && analytics.serving);
    const original = bucket.files[FILE];
    let marker = '';
    let liveAt = null;
    stopFollowing = followFile(path.join(gateway.etc, FILE), (text) => {
      if (liveAt === null && marker !== '' && text.includes(marker)) liveAt = performance.now();
    });
    for (let change = 0; change < CHANGES; change += 1) {
      answeredAt = null;
      liveAt = null;
      marker = `; change ${change} of the benchmark`;
      const by = `bench-${change}`;
      isFinalManifest = (text) => text.includes('"files"') && text.includes(`"${by}"`);
      await bucket.sync({ ...bucket.files, [FILE]: `${original}\n${marker}\n` }, by);
      const deadline = performance.now() + 10_000;
      while (liveAt === null || answeredAt === null) {
        if (performance.now() > deadline) throw new Error(`change ${change} was not live after 10 s`);
        await sleep(2);
      }
      latenciesMs.push(liveAt - answeredAt);
    }
  } finally {
    stopFollowing();
    await gateway.stop();
    await proxy.close();
    await bucket.sync(bucket.files, 'bench');
  }
  const p50 = percentile(latenciesMs, 0.5);
  const p99 = percentile(latenciesMs, 0.99);
  return {
    title: 'From the manifest’s response to live files',
    rows: [
      judge({ what: 'p50, ms', value: round(p50, 0), limit: LIMIT_P50_MS }),
      judge({ what: 'p99, ms', value: round(p99, 0), limit: LIMIT_P99_MS }),
      { what: 'slowest, ms', measured: round(Math.max(...latenciesMs), 0) },
    ],
    method: `${CHANGES} changes of one metaschema among ${Object.keys(bucket.files).length} files, each synced with pending and final manifest. From the last byte of the final manifest’s response (a proxy notes it) to the file event of the new text in the live etc. Between them: listing, changed object, second listing, gate, release on disk, intent, publish.`,
    raw: { latenciesMs: latenciesMs.map((value) => round(value, 1)) },
  };
}
