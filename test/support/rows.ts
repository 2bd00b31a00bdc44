/** What the rows of "It must show" have in common: a small configuration, and how to wait for something to happen. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Condition, Status } from '../../agent/core/status.ts';
import { isListing } from './fault-proxy.ts';
import { createRig, type Rig, type RigOptions } from './rig.ts';
import type { LogLine } from './rig-agent.ts';
import type { LiveState } from './rig-live.ts';
import type { Files, SyncOptions } from './rig-source.ts';

export const CATALOG = 'catalog/shop.properties';
export const ORDERS = 'datomic/orders.edn';
export const BILLING = 'datomic/billing.edn';

/** A catalog that lists these databases; without any, all are visible. */
export const catalogOf = (...databases: readonly string[]) =>
  [
    'connector.name=datomic',
    ...(databases.length === 0 ? [] : [`datomic.databases=[${databases.join(' ')}]`]),
  ]
    .map((line) => `${line}\n`)
    .join('');

/** A metaschema with one table of this name. */
export const metaschemaOf = (table: string) => `{:tables {:${table}/id {}}\n :joins {}}\n`;

export const FILES = {
  [CATALOG]: catalogOf('shop'),
  [ORDERS]: metaschemaOf('order'),
  [BILLING]: metaschemaOf('invoice'),
} satisfies Files;

export const findCondition = (status: Status | null, type: string): Condition | null =>
  status?.conditions.find((condition) => condition.type === type) ?? null;

export const findEvents = (rig: Rig, event: string): readonly LogLine[] =>
  rig.log().filter((line) => line.event === event);

/** A gateway with these files live, proven and serving. */
export async function startProven(options: RigOptions = {}, sync: SyncOptions = {}): Promise<Rig> {
  const rig = await createRig(options);
  const snapshot = await rig.sync(FILES, sync);
  rig.start();
  await rig.waitForProven(snapshot);
  return rig;
}

/** Whatever is true of a condition, again and again until it holds. */
export async function waitUntil(isTrue: () => boolean, what: string, timeoutMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !isTrue(); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
  }
}

/**
 * Resolves when the agent has listed the source at least so often from now on, whatever the answer was, and has
 * run a cycle after that: what was not done by then is not on its way.
 */
export async function waitForListings(rig: Rig, count: number): Promise<void> {
  const answered = () =>
    (rig.proxy?.requests ?? []).filter((request) => isListing(request) && request.status !== null).length;
  // One may be under way.
  const target = answered() + count + 1;
  await waitUntil(() => answered() >= target, `${count} listings\n${rig.describe()}`);
  const now = Date.now();
  await rig.waitFor(({ at }) => Date.parse(at) > now);
}

/** Of the live etc, what comes from the source: the engine's own files left out. */
export const configurationOf = (live: LiveState): Readonly<Record<string, string>> =>
  Object.fromEntries([...live].filter(([file]) => file.includes('/')));

/** Whether this file is live with exactly this text. */
export async function waitForLive(rig: Rig, file: string, text: string | undefined): Promise<void> {
  for (const deadline = Date.now() + 30_000; (await rig.live()).get(file) !== text; await sleep(10)) {
    if (Date.now() > deadline) throw new Error(`${file} does not go live\n${rig.describe()}`);
  }
}
