/**
 * Hostile S3 over real HTTP: the whole application with its own S3 adapter, a real S3 server, and between them a proxy
 * that delays, resets, truncates, corrupts, mixes up, throttles, lies and serves what is old, by random schedules.
 * SEED=… begins there (and COUNT=1 repeats one schedule); TORTURE makes it many more.
 */
import { expect, inject, test } from 'vitest';
import { createHttpPlace } from '../../support/hostile/http-place.ts';
import { runWorld } from '../../support/hostile/world-run.ts';
import { createBucket, createTestClient } from '../../support/moto.ts';

const COUNT = Number(process.env.COUNT ?? (process.env.TORTURE === undefined ? 100 : 2_000));
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
/** The server answers one at a time; these hide the time in which a schedule computes. */
const AT_ONCE = 6;

test(`${COUNT} schedules over HTTP: only true cuts go live, and the last wish at last`, async () => {
  const endpoint = inject('motoEndpoint');
  const { name: bucket } = await createBucket();
  const writer = createTestClient(endpoint);
  let next = SEED;
  let published = 0;
  const work = async () => {
    while (next < SEED + COUNT) {
      const seed = next;
      next += 1;
      const where = { endpoint, bucket, prefix: `s${seed}/`, writer };
      const run = await runWorld(seed, {
        groups: ['acme'],
        createPlace: (parts) => createHttpPlace(parts, where),
        pollIntervalMs: 10_000,
      });
      published += run.published;
      expect(run.violations, `SEED=${seed} COUNT=1`).toEqual([]);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    writer.destroy();
  }
  expect(published).toBeGreaterThan(COUNT);
}, 3_600_000);
