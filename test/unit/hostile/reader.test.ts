/**
 * Hostile S3 in memory: random schedules of troubles and of people who write, played to the reader of the source.
 * SEED=… begins there (and COUNT=1 repeats one schedule); TORTURE makes it many more.
 */
import { expect, test } from 'vitest';
import { runReader } from '../../support/hostile/reader-run.ts';

const COUNT = Number(process.env.COUNT ?? (process.env.TORTURE === undefined ? 10_000 : 200_000));
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test(`${COUNT} schedules: every cut was true at one moment, and the last wish is taken at last`, async () => {
  let cuts = 0;
  for (let seed = SEED; seed < SEED + COUNT; seed += 1) {
    const run = await runReader(seed);
    cuts += run.cuts;
    expect([...run.violations, ...run.rates], `SEED=${seed} COUNT=1`).toEqual([]);
  }
  // Schedules in which nothing happens would prove nothing.
  expect(cuts).toBeGreaterThan(2 * COUNT);
}, 3_600_000);
