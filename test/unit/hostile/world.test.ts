/**
 * Hostile S3 in memory, with the whole application: what goes live, what the engine is started for, and that the last
 * wish is live at last. SEED=… begins there (and COUNT=1 repeats one schedule); TORTURE makes it many more.
 */
import { expect, test } from 'vitest';
import { createMemoryPlace } from '../../support/hostile/memory-place.ts';
import { runWorld } from '../../support/hostile/world-run.ts';

const COUNT = Number(process.env.COUNT ?? (process.env.TORTURE === undefined ? 100 : 5_000));
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test(`${COUNT} schedules: only true cuts go live, for a restart each, and the last wish at last`, async () => {
  let published = 0;
  for (let seed = SEED; seed < SEED + COUNT; seed += 1) {
    const run = await runWorld(seed, {
      groups: ['acme', 'q1'],
      createPlace: createMemoryPlace,
      pollIntervalMs: 2_000,
    });
    published += run.published;
    expect(run.violations, `SEED=${seed} COUNT=1`).toEqual([]);
  }
  expect(published).toBeGreaterThan(COUNT);
}, 3_600_000);
