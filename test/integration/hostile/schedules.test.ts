/**
 * Hostile S3 over real HTTP: the whole application with its own S3 adapter, a real S3 server, and between them a proxy
 * that delays, resets, truncates, corrupts, mixes up, throttles, lies and serves what is old, by random schedules.
 * SEED=… begins there (and COUNT=1 repeats one schedule); TORTURE makes it many more.
 */
import { expect, inject, test } from 'vitest';
import type { ConfigSource } from '../../../agent/ports.ts';
import { REFUSAL_IS_EMPTY } from '../../support/hostile/doubles.ts';
import { createHttpPlace } from '../../support/hostile/http-place.ts';
import { runWorld, type WorldRun } from '../../support/hostile/world-run.ts';
import { createBucket, createTestClient } from '../../support/moto.ts';

const COUNT = Number(process.env.COUNT ?? (process.env.TORTURE === undefined ? 100 : 2_000));
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
/** The server answers one at a time; these hide the time in which a schedule computes. */
const AT_ONCE = 6;

/** Plays the schedules of these seeds, several at a time, and gives what each came to. */
async function play(
  seeds: readonly number[],
  options: {
    readonly double?: (source: ConfigSource) => ConfigSource;
    readonly see: (run: WorldRun, seed: number) => void;
  },
): Promise<void> {
  const endpoint = inject('motoEndpoint');
  const { name: bucket } = await createBucket();
  const writer = createTestClient(endpoint);
  const left = [...seeds];
  const work = async () => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const where = { endpoint, bucket, prefix: `s${seed}/`, writer };
      const run = await runWorld(seed, {
        groups: ['acme'],
        createPlace: (parts) => createHttpPlace(parts, where),
        pollIntervalMs: 10_000,
        ...(options.double === undefined ? {} : { double: options.double }),
      });
      options.see(run, seed);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    writer.destroy();
  }
}

test(`${COUNT} schedules over HTTP: only true cuts go live, and the last wish at last`, async () => {
  let published = 0;
  const seeds = Array.from({ length: COUNT }, (_, index) => SEED + index);
  await play(seeds, {
    see: (run, seed) => {
      published += run.published;
      expect(run.violations, `SEED=${seed} COUNT=1`).toEqual([]);
    },
  });
  expect(published).toBeGreaterThan(COUNT);
}, 3_600_000);

test('a reader that takes 403 and 404 for an empty source is found', async () => {
  const found: string[] = [];
  const seeds = Array.from({ length: 18 }, (_, index) => index + 1);
  await play(seeds, { double: REFUSAL_IS_EMPTY, see: ({ violations }) => found.push(...violations) });
  expect(found.join('\n')).toContain('what goes live of acme');
}, 600_000);
