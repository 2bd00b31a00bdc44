/**
 * The whole application in memory, stopped or failed at recorded effects of every scenario, and started again. What must
 * hold is written in crash-run.ts; how many points are tried is set by TORTURE, which ones by SEED.
 */
import { expect, it } from 'vitest';
import { describeCounts, runCampaign, seedOfRun } from '../../support/crash-campaign.ts';
import { SCENARIOS } from '../../support/crash-scenarios.ts';

const IS_LONG = process.env.TORTURE !== undefined;

it('stopped before any effect, or with any fault at one or two of them, the gateway comes right by itself', {
  timeout: 3_600_000,
}, async () => {
  const seed = seedOfRun();
  const found = await runCampaign({
    scenarios: SCENARIOS,
    seed,
    deathsEach: 1,
    singles: IS_LONG ? 60_000 : 300,
    doubles: IS_LONG ? 30_000 : 150,
  });
  console.log(describeCounts(found, seed));
  expect(found.findings).toEqual([]);
});
