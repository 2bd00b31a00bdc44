/**
 * The original CLI's `analytics sync` is `aws s3 sync --delete --exclude "datomic/views/*"`, so that very command of
 * the real AWS CLI is a source: without manifest, in its own order, and slow where a network is slow.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { createRig, type Rig, SYSTEM } from '../support/rig.ts';
import { readObject } from '../support/rig-bucket.ts';
import type { LiveState } from '../support/rig-live.ts';
import { nameSnapshot } from '../support/rig-source.ts';
import { CATALOG, catalogOf, configurationOf, metaschemaOf, ORDERS } from '../support/rows.ts';

const RIGS = 5;
const SCHEDULES_EACH = 10;
const PREFIX = `${SYSTEM}/datomic/analytics/${SYSTEM}/etc/`;

const CLIENT_MAP =
  'datomic.client.config={:server-type :cloud :region "eu-west-1" :system "acme" :endpoint "http://x:8182/"}\n';

const QUICK = {
  GATEWAY_POLL_INTERVAL: '200ms',
  GATEWAY_LIST_INTERVAL: '200ms',
  GATEWAY_SETTLE: '400ms',
  GATEWAY_SETTLE_DELETIONS: '800ms',
  GATEWAY_DRAIN: '10ms',
  GATEWAY_STABLE: '100ms',
  GATEWAY_RESTART_SPACING: '10ms',
  GATEWAY_PUBLISH_STABLE: '100ms',
};

/** Mulberry32: the same numbers for the same seed, on every machine. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Most are shorter than settling; some are longer, so that a half-done sync is taken for whole. */
const delayOf = (random: () => number) => (random() < 0.15 ? 500 + random() * 500 : random() * 200);

function lay(rig: Rig, files: Readonly<Record<string, string>>): string {
  const directory = path.join(rig.root, 'config');
  rmSync(directory, { recursive: true, force: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
  }
  return directory;
}

/** As the original CLI calls it. */
async function awsSync(rig: Rig, directory: string): Promise<string> {
  const aws = path.join(inject('pythonBin'), 'aws');
  const target = `s3://${rig.bucket}/${PREFIX.slice(0, -1)}`;
  const args = ['s3', 'sync', directory, target, '--delete', '--exclude', 'datomic/views/*'];
  const env = { ...rig.env, AWS_DEFAULT_REGION: 'eu-west-1' };
  const { stdout } = await promisify(execFile)(aws, args, { env, timeout: 60_000 });
  return stdout;
}

/** Files of one state that are neither as before nor as after, or are gone although both have them. */
function findMixed(
  state: LiveState,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const live = configurationOf(state);
  const known = Object.entries(live).filter(([file, text]) => text !== before[file] && text !== after[file]);
  const lost = Object.keys(before).filter((file) => file in after && !(file in live));
  return [...known.map(([file]) => `${file} has other content`), ...lost.map((file) => `${file} is gone`)];
}

async function runSchedules(index: number): Promise<void> {
  const rig = await createRig({ env: QUICK });
  const { proxy } = rig;
  if (proxy === null) throw new Error('this rig has no proxy');
  const filesOf = (step: number) => ({
    // With a client map of its own, so that the gateway adds nothing.
    [CATALOG]: `${catalogOf('shop', `step${step}`)}${CLIENT_MAP}`,
    [ORDERS]: metaschemaOf(`order${step % 2 === 0 ? '' : 'odd'}${step}`),
    'datomic/steady.edn': metaschemaOf('steady'),
    [`datomic/extra-${step}.edn`]: metaschemaOf('extra'),
  });
  await rig.putObject('datomic/views/v.edn', 'a view');
  await awsSync(rig, lay(rig, filesOf(0)));
  rig.start();
  await rig.waitForProven(nameSnapshot(filesOf(0)));
  const watcher = await rig.watchLive();

  for (let step = 1; step <= SCHEDULES_EACH; step += 1) {
    const random = createRandom(index * 1_000 + step);
    const [before, after] = [filesOf(step - 1), filesOf(step)];
    const [startsBefore, statesBefore] = [rig.engineStarts().length, watcher.states.length];
    proxy.before(async ({ method }) => {
      if (method === 'PUT' || method === 'DELETE' || method === 'POST') await sleep(delayOf(random));
    });
    await awsSync(rig, lay(rig, after));
    proxy.before(null);
    await rig.waitForProven(nameSnapshot(after));
    const title = `schedule ${index}.${step}`;
    expect(configurationOf(await rig.live()), title).toEqual(after);
    const mixed = watcher.states.slice(statesBefore).flatMap((state) => findMixed(state, before, after));
    expect(mixed, title).toEqual([]);
    // The catalog came once, so it restarted the engine once; metaschemas never do.
    expect(rig.engineStarts().length - startsBefore, title).toBe(1);
  }
  expect(await readObject(rig, `${PREFIX}datomic/views/v.edn`)).toBe('a view');
}

it('takes what aws s3 sync makes, at fifty seeded delays of its uploads and deletions', async () => {
  await Promise.all(Array.from({ length: RIGS }, (_, index) => runSchedules(index + 1)));
}, 400_000);

it('takes what it is given: aws s3 sync passes over a file of the same size and an older time, and no more', async () => {
  const rig = await createRig({ env: QUICK });
  const first = { [CATALOG]: catalogOf('shop'), [ORDERS]: metaschemaOf('order') };
  await awsSync(rig, lay(rig, first));
  rig.start();
  await rig.waitForProven(nameSnapshot(first));
  const edited = { ...first, [ORDERS]: metaschemaOf('other') };
  const directory = lay(rig, edited);
  utimesSync(path.join(directory, ORDERS), 0, 0);
  expect(await awsSync(rig, directory)).not.toContain(ORDERS);
  expect(await readObject(rig, PREFIX + ORDERS)).toBe(first[ORDERS]);
  // A time that is newer than the upload is enough.
  const soon = Date.now() / 1_000 + 5;
  utimesSync(path.join(directory, ORDERS), soon, soon);
  expect(await awsSync(rig, directory)).toContain(ORDERS);
  await rig.waitForProven(nameSnapshot(edited));
});
