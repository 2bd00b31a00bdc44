/** A change to a gateway of real processes, whose agent dies by SIGKILL right before one of its outside effects. */
import { createHash } from 'node:crypto';
import type { Status } from '../../agent/core/status.ts';
import { createRig, type Effect, type Rig, type RigOptions } from './rig.ts';
import type { EngineLine } from './rig-engine.ts';
import { isOneOf, type LiveState } from './rig-live.ts';
import type { Files } from './rig-source.ts';

export interface Change {
  readonly rig: RigOptions;
  /** Live and proven before the change; null: the change is the first boot. */
  readonly from: Files | null;
  readonly to: Files;
  /** Whether all is done, by the names of the two snapshots. */
  readonly isDone: (status: Status, snapshots: { readonly from: string; readonly to: string }) => boolean;
  /** What went wrong in this life. */
  readonly judge: (life: Life) => readonly string[] | Promise<readonly string[]>;
}

/** One change, with the kill and the new start in it. */
export interface Life {
  readonly rig: Rig;
  readonly isKilled: boolean;
  /** Up to the kill; the last did not happen. */
  readonly effects: readonly Effect[];
  readonly before: LiveState;
  readonly after: LiveState;
  /** What a reader saw meanwhile. */
  readonly seen: readonly LiveState[];
  readonly starts: readonly EngineLine[];
  readonly pidBefore: number | null;
  readonly status: Status;
}

const NEVER = Number.MAX_SAFE_INTEGER;
/** Far more than it takes: other tests may keep the machine busy. */
const MOST_MS = 60_000;
/** On a busy machine a good engine may start slowly: that must not condemn what is first, with nothing to fall back on. */
const PATIENT = { GATEWAY_PROVE: '40s', GATEWAY_PROVE_FIRST: '40s' };
const AT_ONCE = 3;

/** Effects that no reader can tell apart by themselves: a file is created, written and synced before it is renamed. */
const HIDDEN = new Set(['open', 'write', 'sync', 'created']);
export const isHidden = ({ name }: Effect): boolean => HIDDEN.has(name);

/** The effects of a change that nobody disturbs, then the change with a kill before each of those that are chosen. */
export async function killThrough(
  change: Change,
  choose: (effects: readonly Effect[]) => readonly number[],
): Promise<{ readonly problems: readonly string[]; readonly killed: number; readonly points: number }> {
  const whole = await liveThrough(change, NEVER);
  const problems = [...whole.problems];
  const points = choose(whole.effects);
  let killed = 0;
  const next = points[Symbol.iterator]();
  const work = async () => {
    for (const n of next) {
      const life = await liveThrough(change, n);
      if (life.isKilled) killed += 1;
      problems.push(...life.problems);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  console.log(`killed at ${killed} of ${points.length} points; ${whole.effects.length} effects in all`);
  return { problems, killed, points: points.length };
}

async function liveThrough({ rig: options, from, to, isDone, judge }: Change, n: number) {
  const rig = await createRig({ ...options, env: { ...PATIENT, ...options.env } });
  const snapshots = { from: '', to: '' };
  if (from !== null) {
    snapshots.from = await rig.sync(from);
    rig.start({ recordsEffects: true });
    await rig.waitForProven(snapshots.from, MOST_MS);
  }
  const pidBefore = rig.status()?.analytics.pid ?? null;
  const before = await rig.live();
  const watcher = await rig.watchLive();
  const startsBefore = rig.engineStarts().length;
  rig.killBeforeEffect(n);
  snapshots.to = await rig.sync(to);
  if (from === null) rig.start({ recordsEffects: true });
  // What an agent that was killed left behind tells nothing of the next one.
  const isOver = (status: Status) => status.agent.pid === rig.agent().pid && isDone(status, snapshots);
  const isKilled = await rig.waitFor(isOver, MOST_MS).then(
    () => !rig.agent().isRunning(),
    (error: Error) => {
      if (!error.message.includes('the agent ended')) throw error;
      return true;
    },
  );
  const effects = rig.effects();
  rig.disarm();
  if (isKilled) {
    await rig.agent().ended(5_000);
    rig.start();
  }
  const status = await rig.waitFor(isOver, MOST_MS);
  await watcher.stop();
  const after = await rig.live();
  const starts = rig.engineStarts().slice(startsBefore);
  const seen = watcher.states;
  const found = await judge({ rig, isKilled, effects, before, after, seen, starts, pidBefore, status });
  const last = effects.at(-1);
  await rig.dispose();
  return {
    isKilled,
    effects,
    problems: found.map((one) => `before effect ${n} (${last?.name} ${last?.details}): ${one}`),
  };
}

/** So many effects of these, evenly; all of them in the torture. The status is reported after each cycle. */
export function spread(effects: readonly Effect[], most: number): readonly number[] {
  if (process.env.TORTURE !== undefined) return effects.map(({ n }) => n);
  const list = effects.filter((one) => !isHidden(one) && !one.details.some((file) => /status/.test(file)));
  return Array.from(
    { length: Math.min(most, list.length) },
    (_, index) => list[Math.floor(((index + 0.5) * list.length) / Math.min(most, list.length))]?.n ?? NEVER,
  );
}

export const judgeSeen = ({ seen }: Life, allowed: readonly LiveState[]): string[] =>
  seen
    .filter((state) => !isOneOf(state, allowed))
    .map((state) => `a reader saw ${JSON.stringify([...state.keys()])}`);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const isCatalog = ([file]: readonly [string, string]) => file.startsWith('catalog/');
const print = (digests: readonly (readonly [string, string])[]) =>
  JSON.stringify(digests.filter(isCatalog).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** The engine is started from the catalogs of one whole state only. */
export function judgeStarts({ starts }: Life, whole: readonly LiveState[]): string[] {
  const allowed = whole.map((state) => print([...state].map(([file, text]) => [file, sha256(text)])));
  return starts
    .map(({ files }) => print(Object.entries(files as Record<string, string>)))
    .filter((read) => !allowed.includes(read))
    .map((read) => `the engine started from ${read}`);
}

/** All of these files are live; below a catalog's text lies what the gateway adds to it. */
export function judgeFiles({ after }: Life, files: Files): string[] {
  const configuration = [...after.keys()].filter((file) => /^(catalog|datomic)\//.test(file));
  return [
    ...Object.entries(files).flatMap(([file, text]) => {
      const live = after.get(file);
      const isThere = file.startsWith('datomic/') ? live === text : live?.startsWith(String(text));
      return isThere === true ? [] : [`${file} is not as synced`];
    }),
    ...configuration.filter((file) => !(file in files)).map((file) => `${file} is live, and was deleted`),
  ];
}
