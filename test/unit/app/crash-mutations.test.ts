import { expect, it } from 'vitest';
import { runCampaign } from '../../support/crash-campaign.ts';
import { broken, MUTATIONS } from '../../support/crash-mutations.ts';
import { SCENARIOS } from '../../support/crash-scenarios.ts';

it.each(MUTATIONS)('the crash points find an agent that $title', async (mutation) => {
  const scenarios = SCENARIOS.filter(({ name }) => mutation.scenario.test(name));
  const found = await runCampaign({
    scenarios,
    seed: 7,
    deathsEach: 1,
    singles: mutation.singles ?? 0,
    doubles: 0,
    make: broken(mutation),
  });
  expect(scenarios.length).toBeGreaterThan(0);
  expect(found.findings.join('\n')).toMatch(mutation.finding);
});
