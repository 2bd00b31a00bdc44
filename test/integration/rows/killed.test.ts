/**
 * The agent is killed by SIGKILL right before each of its outside effects of a catalog change, and started again. The
 * effects are recorded, not listed by hand: new code is covered by itself.
 */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.ts';
import { isOneOf, type LiveState, listPrefixes } from '../../support/rig-live.ts';

const BEFORE = {
  'catalog/old.properties': 'connector.name=datomic\ndatomic.databases=[old]\n',
  'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n',
  'datomic/old.edn': '{:tables {:old/id {}} :joins {}}\n',
  'datomic/shop.edn': '{:tables {:order/number {}} :joins {}}\n',
};
const AFTER = {
  'catalog/new.properties': 'connector.name=datomic\ndatomic.databases=[new]\n',
  'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop billing]\n',
  'datomic/new.edn': '{:tables {:new/id {}} :joins {}}\n',
  'datomic/shop.edn': '{:tables {:order/number {:name "orders"}} :joins {}}\n',
};
/** No drain: the engine has no query. Short times keep a hundred lives affordable. */
const ENV = { GATEWAY_RESTART_SPACING: '0s', GATEWAY_STABLE: '300ms', GATEWAY_DRAIN: '200ms' };

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** The catalogs of a live state by name, as an engine start records them. */
const catalogsOf = (state: LiveState) =>
  [...state]
    .filter(([file]) => file.startsWith('catalog/'))
    .map(([file, text]) => `${file} ${hash(text)}`)
    .toSorted();

/** One life: a proven gateway, armed, then a catalog change; killed before effect `n`, started again, proven. */
async function live(n: number) {
  const rig = await createRig({ env: ENV });
  const first = await rig.sync(BEFORE);
  rig.start({ recordsEffects: true });
  await rig.waitForProven(first);
  const before = await rig.live();
  const watcher = await rig.watchLive();
  const startsBefore = rig.engineStarts().length;
  rig.killBeforeEffect(n);
  const second = await rig.sync(AFTER);
  const isKilled = await rig
    .waitForProven(second, 30_000)
    .then(() => false)
    .catch((error: Error) => {
      if (!error.message.includes('the agent ended')) throw error;
      return true;
    });
  const effects = rig.effects();
  rig.disarm();
  if (isKilled) {
    await rig.agent().ended(5_000);
    rig.start();
    await rig.waitForProven(second, 30_000);
  }
  await watcher.stop();
  const after = await rig.live();
  const starts = rig.engineStarts().slice(startsBefore);
  const problems: string[] = [];
  const allowed = listPrefixes(before, after);
  for (const state of watcher.states) {
    if (!isOneOf(state, allowed)) problems.push(`a reader saw ${JSON.stringify([...state.keys()])}`);
  }
  const whole = [catalogsOf(before), catalogsOf(after)].map((one) => JSON.stringify(one));
  for (const { files } of starts) {
    const read = Object.entries(files as Record<string, string>)
      .filter(([file]) => file.startsWith('catalog/'))
      .map(([file, sha]) => `${file} ${sha}`)
      .toSorted();
    if (!whole.includes(JSON.stringify(read)))
      problems.push(`the engine started from ${JSON.stringify(read)}`);
  }
  if (isKilled && starts.length > 2) problems.push(`${starts.length} starts for one change and one kill`);
  if (!isKilled && starts.length !== 1) problems.push(`${starts.length} starts for one change`);
  for (const [file, text] of Object.entries(AFTER)) {
    const isThere = file.startsWith('datomic/')
      ? after.get(file) === text
      : after.get(file)?.startsWith(text);
    if (isThere !== true) problems.push(`${file} is not as synced`);
  }
  if (after.has('catalog/old.properties') || after.has('datomic/old.edn'))
    problems.push('a deleted file is live');
  const last = effects.at(-1);
  await rig.dispose();
  return {
    isKilled,
    effects,
    problems: problems.map((one) => `before effect ${n} (${last?.name} ${last?.details}): ${one}`),
  };
}

/** Effects that no reader can tell apart by themselves: a file is created, written and synced before it is renamed. */
const HIDDEN = new Set(['open', 'write', 'sync', 'created']);

it('a kill before any effect of a catalog change converges, and no reader saw anything but the documented order', async () => {
  const whole = await live(Number.MAX_SAFE_INTEGER);
  expect(whole.problems).toEqual([]);
  const visible = whole.effects.filter(({ name }) => !HIDDEN.has(name)).map(({ n }) => n);
  const hidden = whole.effects.filter(({ name }) => HIDDEN.has(name)).map(({ n }) => n);
  // All that a reader could see; of the hidden ones a spread, all of them in the torture.
  const step = process.env.TORTURE === undefined ? 8 : 1;
  const points = [...visible, ...hidden.filter((_, index) => index % step === 0)].toSorted((a, b) => a - b);
  const problems: string[] = [];
  let killed = 0;
  const next = points[Symbol.iterator]();
  const work = async () => {
    for (const n of next) {
      const result = await live(n);
      if (result.isKilled) killed += 1;
      problems.push(...result.problems);
    }
  };
  await Promise.all([work(), work(), work()]);
  console.log(`killed at ${killed} of ${points.length} points; ${whole.effects.length} effects in all`);
  expect(problems).toEqual([]);
  // The number of effects differs a little from run to run (status, polls); nearly all points must have been met.
  expect(killed).toBeGreaterThan(points.length * 0.8);
}, 900_000);
