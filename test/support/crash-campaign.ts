/** Many points of many scenarios, and what they broke; each finding can be run again by itself. */
import type { GatewayWorldOptions } from '../fakes/gateway-world.ts';
import { createRandom, listDeaths, listPoints, pick } from './crash-points.ts';
import { compareOutcomes, type Outcome, type Point, type Result, runScenario } from './crash-run.ts';
import type { Scenario } from './crash-scenarios/scenario.ts';

export interface Campaign {
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** Of all deaths before an effect, every which one; 0 for none. */
  readonly deathsEach: number;
  /** Random points, one fault each. */
  readonly singles: number;
  /** Random pairs: the second strikes on the way back from the first. */
  readonly doubles: number;
  readonly make?: (given: GatewayWorldOptions) => GatewayWorldOptions;
}

interface Try {
  readonly scenario: Scenario;
  readonly points: readonly Point[];
  readonly seed: number;
}

export interface Findings {
  readonly findings: readonly string[];
  /** Points that were met, by scenario. */
  readonly counts: ReadonlyMap<string, number>;
  readonly tries: number;
}

/** How far after the first fault the second one strikes at most, in effects. */
const SOON = 25;

interface Recorded {
  readonly whole: Result;
  readonly outcome: Outcome;
}

async function record(scenario: Scenario, make: Campaign['make']): Promise<Recorded> {
  const whole = await runScenario({ scenario, points: [], random: () => 0.5, ...(make && { make }) });
  return { whole, outcome: whole.outcome };
}

/** One try; `FAULT` in the environment runs what a finding printed again. */
async function attempt({ scenario, points, seed }: Try, recorded: Recorded, make: Campaign['make']) {
  try {
    const result = await runScenario({ scenario, points, random: createRandom(seed), ...(make && { make }) });
    const problems = [
      ...result.problems,
      ...compareOutcomes(scenario, recorded.outcome, result.outcome, points),
    ];
    return { problems, struck: result.struck };
  } catch (error) {
    return { problems: [`the run failed: ${error instanceof Error ? error.stack : error}`], struck: 0 };
  }
}

const nameOf = (one: Try, recorded: Recorded): string => {
  const effects = one.points.map(({ n }) => recorded.whole.effects[n - 1]?.name ?? 'on the way back');
  const again = JSON.stringify({ scenario: one.scenario.name, points: one.points, seed: one.seed });
  return `${one.scenario.name}, at ${effects.join(' and ')}: FAULT='${again}'`;
};

export async function runCampaign(campaign: Campaign): Promise<Findings> {
  const { scenarios, make } = campaign;
  const random = createRandom(campaign.seed);
  const seedOf = () => Math.floor(random() * 2 ** 31);
  const counts = new Map<string, number>();
  const findings: string[] = [];
  const records = new Map<Scenario, Recorded>();
  for (const scenario of scenarios) {
    const recorded = await record(scenario, make);
    records.set(scenario, recorded);
    for (const problem of recorded.whole.problems) findings.push(`${scenario.name}, undisturbed: ${problem}`);
  }

  const told = process.env.FAULT === undefined ? null : (JSON.parse(process.env.FAULT) as ToldTry);
  const tries = told === null ? choose() : [{ ...told, scenario: scenarioOf(told.scenario) }];
  for (const one of tries) {
    const recorded = recordOf(one.scenario);
    const { problems, struck } = await attempt(one, recorded, make);
    counts.set(one.scenario.name, (counts.get(one.scenario.name) ?? 0) + struck);
    if (problems.length > 0) findings.push(`${nameOf(one, recorded)}\n    ${problems.join('\n    ')}`);
  }
  return { findings, counts, tries: tries.length };

  function choose(): readonly Try[] {
    const chosen: Try[] = [];
    for (const scenario of scenarios) {
      const deaths = listDeaths(recordOf(scenario).whole.effects);
      const offset = Math.floor(random() * Math.max(1, campaign.deathsEach));
      for (const [index, point] of deaths.entries()) {
        if (campaign.deathsEach === 0 || index % campaign.deathsEach !== offset) continue;
        chosen.push({ scenario, points: [point], seed: seedOf() });
      }
    }
    for (let count = 0; count < campaign.singles + campaign.doubles; count += 1) {
      const scenario = pick(scenarios, random);
      const first = pick(listPoints(recordOf(scenario).whole.effects), random);
      const second: Point = {
        n: first.n + 1 + Math.floor(random() * SOON),
        fault: { kind: 'die', when: pick(['before', 'middle', 'after'] as const, random) },
      };
      const points = count < campaign.singles ? [first] : [first, second];
      chosen.push({ scenario, points, seed: seedOf() });
    }
    return chosen;
  }
  function recordOf(scenario: Scenario): Recorded {
    const found = records.get(scenario);
    if (found === undefined) throw new Error(`${scenario.name} was not recorded`);
    return found;
  }
  function scenarioOf(name: string): Scenario {
    const found = scenarios.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no scenario ${name}`);
    return found;
  }
}

interface ToldTry {
  readonly scenario: string;
  readonly points: readonly Point[];
  readonly seed: number;
}

/**
 * The seed of this run: from the environment; in the long form another each time. The short form tries the same points
 * each time, so that a change to the code is to blame for what it finds.
 */
export const seedOfRun = (): number => {
  if (process.env.SEED !== undefined) return Number(process.env.SEED);
  return process.env.TORTURE === undefined ? 1 : Math.floor(Math.random() * 2 ** 31);
};

/** A table of the counts, for people. */
export const describeCounts = ({ counts, tries, findings }: Findings, seed: number): string =>
  [
    `${tries} tries, ${findings.length} violations, SEED=${seed}`,
    ...[...counts].map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`),
  ].join('\n');
