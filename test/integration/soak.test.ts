/**
 * The bounded form of the soak: that nothing grows, and that the soak would see it. `make soak` runs the whole, from the
 * same program; what it mixes in is in test/soak/operations.ts.
 */
import { describe, expect, it } from 'vitest';
import { judgeSoak, LIMITS } from '../soak/judge.mjs';
import { BOUNDED, BOUNDED_LIMITS, pickSeed, runSoak } from '../soak/run.mjs';

const SEED = pickSeed();
/** There to end what hangs. */
const DEADLINE_MS = 600_000;

it(
  `after ${BOUNDED.cycles} cycles with changes mixed in nothing is held that was not held before (SEED=${SEED})`,
  async () => {
    const { samples, faults } = await runSoak({ ...BOUNDED, limits: BOUNDED_LIMITS, seed: SEED });
    expect(faults, JSON.stringify(samples)).toEqual([]);
    const last = samples.at(-1);
    expect(last?.cycles).toBeGreaterThanOrEqual(BOUNDED.cycles);
    expect(last?.cyclesWithS3).toBeGreaterThan(BOUNDED.cycles / 10);
    // Otherwise it would have been a rest.
    expect(Object.keys(last?.operations ?? {}).length).toBeGreaterThan(12);
  },
  DEADLINE_MS,
);

it(
  `sees what is leaked on purpose: memory, descriptors, timers, files (SEED=${SEED})`,
  async () => {
    const { faults } = await runSoak({
      ...BOUNDED,
      warmUp: 1_000,
      cycles: 2_500,
      limits: BOUNDED_LIMITS,
      seed: SEED,
      leak: 'all',
    });
    for (const what of ['heapBytes', 'descriptors', 'resources', 'stateFiles']) {
      expect(faults).toContainEqual(expect.stringContaining(what));
    }
  },
  DEADLINE_MS,
);

describe('the judgement', () => {
  const sample = {
    heapBytes: 10e6,
    externalBytes: 1e6,
    residentBytes: 60e6,
    descriptors: 20,
    children: 0,
    resources: 1,
    releases: 6,
    stateFiles: 10,
    stateBytes: 4_000,
    answers: 10,
    historyBytes: 1_000,
    liveFiles: 6,
    bucketObjects: 2,
    bucketBytes: 4_000,
  };
  const judge = (changes: object) => judgeSoak([{ sample }, { sample: { ...sample, ...changes } }]);

  it.each(Object.keys(sample))('names %s when it grew too much, or was not measured', (name) => {
    const most = Math.max(...Object.values(LIMITS).filter((limit) => limit > 1));
    expect(judge({ [name]: 10 * most + 100e6 })).toEqual([expect.stringContaining(name)]);
    expect(judge({ [name]: undefined })).toEqual([expect.stringContaining(name)]);
  });

  it('passes what stays, or shrinks, and refuses a soak without two samples', () => {
    expect(judge({ heapBytes: 5e6, residentBytes: 61e6 })).toEqual([]);
    expect(judgeSoak([{ sample }])).toEqual(['nothing was measured']);
  });
});
