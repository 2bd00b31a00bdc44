/** Runs a scenario with faults, and says what broke. */
import type { Memory } from '../../agent/core/memory.ts';
import type { Digest } from '../../agent/core/types.ts';
import type { Effect, Fault } from '../fakes/fault-port.ts';
import { createGatewayWorld, type GatewayWorld, type GatewayWorldOptions } from '../fakes/gateway-world.ts';
import { describeLive, textsOf } from '../fakes/memory-disk.ts';
import { shortTimes, worldSettings } from '../fakes/world-settings.ts';
import { type Scenario, settle } from './crash-scenarios/scenario.ts';
import { listPrefixes } from './live-prefixes.ts';

export interface Point {
  readonly n: number;
  readonly fault: Fault;
}

/** How it ended: equal for a run with faults and one without. */
export interface Outcome {
  readonly live: string;
  readonly desired: string | null;
  readonly proven: string | null;
  readonly quarantined: readonly string[];
  readonly held: readonly string[];
  readonly refused: string | null;
  readonly isPaused: boolean;
  readonly engine: string;
  readonly started: string | null;
  /** Id and outcome. */
  readonly answers: readonly string[];
  readonly starts: readonly string[];
}

export interface Result {
  readonly outcome: Outcome;
  readonly effects: readonly Effect[];
  readonly struck: number;
  readonly problems: readonly string[];
}

/** The status is written after each cycle, as the one thing that is. */
export const isStatus = (name: string): boolean => /status/.test(name);

const SECOND = 1_000;
const MOST_SILENCES = 6;

export async function runScenario(options: {
  readonly scenario: Scenario;
  readonly points: readonly Point[];
  readonly random: () => number;
  /** Another disk, or a deliberately broken agent. */
  readonly make?: (given: GatewayWorldOptions) => GatewayWorldOptions;
}): Promise<Result> {
  const { scenario, random, make = (given) => given } = options;
  const problems = new Set<string>();
  const world = createGatewayWorld(
    make({
      settings: {
        ...shortTimes(),
        source: {
          ...worldSettings(shortTimes()).source,
          pollIntervalMs: 4 * SECOND,
          listIntervalMs: 8 * SECOND,
        },
      },
      random,
      restartAfterMs: () => 500 + Math.floor(random() * 4_000),
      ...scenario.options?.(),
    }),
  );
  const live = watchLive(world);
  await scenario.before?.(world);
  // What happens now must not fall into the very millisecond of what the agent did last.
  await world.pass(123);
  const startsBefore = world.engine.starts.length;
  const hadProven = world.memory()?.proven ?? null;
  world.faults.forget();
  for (const { n, fault } of options.points) world.faults.arm(n, fault);

  await scenario.act(world);
  const effects = [...world.faults.effects()];
  const struck = world.faults.struck().length;
  // What fails heals; then everything must come right by itself.
  if (!(await finish(world))) problems.add('does not come to rest');

  for (const one of await live.end()) problems.add(one);
  for (const bug of world.bugs()) problems.add(`a bug ended the agent: ${bug.message} ${bug.cause ?? ''}`);
  for (const one of checkEnd(world, hadProven)) problems.add(one);
  const outcome = outcomeOf(world, startsBefore);
  world.end();
  return { outcome, effects, struck, problems: [...problems] };
}

async function finish(world: GatewayWorld): Promise<boolean> {
  if (world.ends.at(-1)?.code != null) return true;
  await world.passUntil(() => !world.faults.isFailing(), 600 * SECOND);
  // What backs off after a failure may come later than a short silence ends.
  for (let tries = 0; tries < MOST_SILENCES; tries += 1) {
    const isAtRest = await settle(world);
    world.faults.forget();
    await world.pass(30 * SECOND);
    const isBusy = world.faults.effects().some(({ kind, name }) => kind !== 'source' && !isStatus(name));
    if (isAtRest && !isBusy) return true;
  }
  return false;
}

interface LiveState {
  readonly files: ReadonlyMap<string, string>;
  /** What the intent on disk named when it came about. */
  readonly intended: Digest;
}

/** Every state that a reader of the live etc could see must be one of the documented order of a publish on record. */
function watchLive(world: GatewayWorld) {
  const problems = new Set<string>();
  const states: LiveState[] = [];
  world.view.watchLive(() => {
    const intended = world.view.intent()?.digest;
    if (intended === undefined) problems.add('the live etc changed without an intent');
    else states.push({ files: new Map(world.view.live()), intended });
  });

  const checkOrder = async () => {
    let target: Digest | null = null;
    let last: ReadonlyMap<string, string> = new Map();
    let allowed: readonly string[] = [];
    for (const { files, intended } of states) {
      // An agent changes one file at a time; everything else was a person's hand, and a publish begins from there.
      const isEdited = countDifferences(last, files) > 1;
      if (isEdited || intended !== target) {
        const release = await world.view.release(intended);
        if (release === null) {
          problems.add('the live etc was brought in line with a release that is not whole');
          return;
        }
        allowed = listPrefixes({ etc: filesOf(isEdited ? files : last) }, release);
        target = intended;
      }
      if (!allowed.includes(describeLive(files)))
        problems.add('a reader saw a state of the live etc that is not in the documented order');
      last = files;
    }
  };

  return {
    end: async (): Promise<readonly string[]> => {
      await checkOrder();
      const intent = world.view.intent();
      if (intent === null) return [...problems];
      const release = await world.view.release(intent.digest);
      if (release === null) problems.add('the intent names a release that is not whole');
      else if (describeLive(world.view.live()) !== describeLive(textsOf(release)))
        problems.add('the live etc is not the release of the intent');
      if (intent.phase !== 'published') problems.add('the publish is not finished');
      return [...problems];
    },
  };
}

const filesOf = (texts: ReadonlyMap<string, string>) =>
  [...texts].map(([path, text]) => ({ path, bytes: Buffer.from(text, 'latin1') }));

function countDifferences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): number {
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path)).length;
}

function* checkEnd(world: GatewayWorld, hadProven: Memory['proven']): Iterable<string> {
  const memory = world.memory();
  if (memory === null) return yield 'there is no memory';
  if (hadProven !== null && memory.proven === null) yield 'what was proven is lost';
  const isCondemned = memory.quarantined.some(
    ({ fingerprint }) => fingerprint === memory.proven?.fingerprint,
  );
  if (memory.proven !== null && isCondemned) yield 'what was proven is quarantined';
  if (memory.attempt !== null) yield 'an attempt stays open';
  if (memory.requests.length > 0) yield 'an accepted request stays open';
  if (world.view.requests().length > 0) yield 'a request stays in the spool';
  for (const answer of world.view.answers().values()) {
    if (answer.kind !== 'restart' || answer.outcome !== 'done') continue;
    const { requestedAt, startedAt, pidBefore, pidAfter } = answer;
    if (startedAt === null || requestedAt === null || startedAt < requestedAt)
      yield `${answer.id} is answered with a run from before it was asked for`;
    if (pidAfter === pidBefore) yield `${answer.id} is answered, and nothing was restarted`;
  }
}

function outcomeOf(world: GatewayWorld, startsBefore: number): Outcome {
  const [memory, status] = [world.memory(), world.status()];
  return {
    live: describeLive(world.view.live()),
    desired: memory?.desired?.digest ?? null,
    proven: memory?.proven?.digest ?? null,
    quarantined: (memory?.quarantined ?? []).map(({ digest }) => digest),
    held: (status?.held ?? []).map(({ kind, paths }) => `${kind} ${paths.join(' ')}`),
    refused: memory?.refused?.snapshot ?? null,
    isPaused: memory?.paused !== null,
    engine: `${status?.analytics.state} ${status?.analytics.serving}`,
    started: world.engine.starts.at(-1)?.release.facts.digest ?? null,
    answers: [...world.view.answers().values()].map(({ id, outcome }) => `${id} ${outcome}`).toSorted(),
    starts: world.engine.starts.slice(startsBefore).map(({ release }) => release.facts.digest),
  };
}

/** Where a run with faults ended otherwise than the one without. */
export function* compareOutcomes(
  scenario: Scenario,
  whole: Outcome,
  broken: Outcome,
  points: readonly Point[] = [],
): Iterable<string> {
  const level = ({ answers, ...rest }: Outcome) => ({
    ...rest,
    answers: scenario.mayAnswerEither ? answers.map((one) => one.replace(/ failed$/, ' done')) : answers,
  });
  const { starts: wanted, ...wantedRest } = level(whole);
  const { starts: found, ...foundRest } = level(broken);
  for (const key of Object.keys(wantedRest) as (keyof typeof wantedRest)[]) {
    if (JSON.stringify(foundRest[key]) !== JSON.stringify(wantedRest[key]))
      yield `${key}: ${JSON.stringify(foundRest[key])} instead of ${JSON.stringify(wantedRest[key])}`;
  }
  // An engine that dies comes again by itself, as often as it can until somebody looks.
  const shape = (list: readonly string[]) =>
    scenario.isEngineFailing ? list.filter((one, index) => one !== list[index - 1]) : list;
  const [starts, wantedStarts] = [shape(found), shape(wanted)];
  const isSourceFailing = points.some(({ fault }) => fault.kind === 'source' || fault.kind === 'slow');
  // A request does not wait for a source that cannot be reached: what was synced comes with a restart of its own.
  if (
    scenario.isSourceAwaited &&
    isSourceFailing &&
    starts.at(-1) === wantedStarts.at(-1) &&
    starts.length <= 2
  )
    return;
  const isFine = scenario.mayBeOvertaken ? isWithin(starts, wantedStarts) : isSame(starts, wantedStarts);
  if (!isFine)
    yield `starts: ${starts.map((one) => one.slice(0, 4))} instead of ${wantedStarts.map((one) => one.slice(0, 4))}`;
}

const isSame = (a: readonly string[], b: readonly string[]) => JSON.stringify(a) === JSON.stringify(b);

/** In the order of `whole`, none more, and to the same end. */
function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const one of whole) if (part[at] === one) at += 1;
  return at === part.length && part.at(-1) === whole.at(-1);
}
