/** A machine is cattle: what its successor begins from lies in the bucket. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { parseBaseline, type SavedBaseline } from '../../agent/core/baseline-document.ts';
import type { Status } from '../../agent/core/status.ts';
import type { ProxiedRequest } from '../support/fault-proxy.ts';
import type { Rig } from '../support/rig.ts';
import { readObject, writeObject } from '../support/rig-bucket.ts';
import type { LiveState } from '../support/rig-live.ts';
import {
  BILLING,
  CATALOG,
  catalogOf,
  configurationOf,
  FILES,
  findCondition,
  findEvents,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
  waitUntil,
} from '../support/rows.ts';

const baselineOf = (group: string) => `acme/datomic/gateway/baseline/${group}.json`;
const BASELINE = baselineOf('acme');
const isOfBaseline = ({ key, query }: ProxiedRequest) =>
  key.includes('/gateway/baseline/') || (query.get('prefix') ?? '').includes('/gateway/baseline/');
const isOfSource = (request: ProxiedRequest) => !isOfBaseline(request) && !request.key.includes('/gateway/');

async function readBaseline(rig: Rig): Promise<SavedBaseline | null> {
  const text = await readObject(rig, BASELINE);
  if (text === null) return null;
  const parsed = parseBaseline(new TextEncoder().encode(text), 'acme', sha256);
  if (parsed.kind !== 'saved') throw new Error(`no baseline: ${JSON.stringify(parsed)}`);
  return parsed.saved;
}

/** Resolves when the saved baseline satisfies the predicate. */
async function waitForBaseline(rig: Rig, isGood: (saved: SavedBaseline) => boolean): Promise<SavedBaseline> {
  let found: SavedBaseline | null = null;
  await expect
    .poll(
      async () => {
        found = await readBaseline(rig);
        return found !== null && isGood(found);
      },
      { timeout: 20_000, message: 'the baseline is saved' },
    )
    .toBe(true);
  return found as unknown as SavedBaseline;
}

/** The machine is gone with its disk; another one begins in the same bucket. */
async function replace(rig: Rig): Promise<LiveState> {
  const live = await rig.live();
  await rig.stop();
  for (const directory of ['state', 'etc', 'run']) {
    await rm(path.join(rig.root, directory), { recursive: true, force: true });
  }
  return live;
}

const pathsOf = (saved: SavedBaseline) => saved.proven?.files.map((file) => file.path).sort();
const isServing = ({ analytics }: Status) => analytics.serving;

describe('what was proven', () => {
  it('is saved with its source text, and not again while nothing changes', async () => {
    const rig = await startProven();
    const saved = await waitForBaseline(rig, ({ proven }) => proven !== null);
    expect(pathsOf(saved)).toEqual(Object.keys(FILES).sort());
    const text = (file: string) =>
      new TextDecoder().decode(saved.proven?.files.find((one) => one.path === file)?.bytes);
    expect(text(CATALOG)).toBe(FILES[CATALOG]);
    expect(saved.markAt).not.toBeNull();
    const writes = () =>
      (rig.proxy?.requests ?? []).filter((request) => request.method === 'PUT' && isOfBaseline(request))
        .length;
    const before = writes();
    await waitForListings(rig, 3);
    expect(writes()).toBe(before);
  });

  it('begins the next machine although the source cannot be cut', async () => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    const before = await replace(rig);
    // The source cannot be cut: only the baseline can be read.
    rig.proxy?.fault(isOfSource, { kind: 'status', status: 503, code: 'SlowDown' });
    rig.start();
    const serving = await rig.waitFor(isServing);
    expect(await rig.live()).toEqual(before);
    expect(findCondition(serving, 'SourceReachable')?.status).toBe('False');
    const proven = await rig.waitForProven();
    expect(proven.proven?.by).toBe('rig');
    expect(findEvents(rig, 'baseline.inherited')).toHaveLength(1);
  });
});

describe('a replaced machine', () => {
  it('with a hold open and metaschemas kept is as before', async () => {
    const rig = await startProven();
    await rig.sync({ [CATALOG]: FILES[CATALOG] });
    const held = await rig.waitFor(({ held }) => held.some(({ kind }) => kind === 'deletion'));
    // On top of it, a catalog that would show more: kept files and the hold of an exposure at once.
    await rig.sync({ [CATALOG]: catalogOf() });
    const before = await rig.waitFor(({ held }) => held.length === 2);
    await waitForBaseline(rig, ({ kept, exposure }) => kept !== null && exposure !== null);
    const live = configurationOf(await rig.live());
    expect(Object.keys(live).sort()).toEqual(Object.keys(FILES).sort());

    await replace(rig);
    rig.start();
    const after = await rig.waitFor((status) => isServing(status) && status.held.length === 2);
    expect(after.held.map(({ kind, paths, snapshot }) => ({ kind, paths, snapshot }))).toEqual(
      before.held.map(({ kind, paths, snapshot }) => ({ kind, paths, snapshot })),
    );
    expect(after.held.map(({ at }) => at)).toEqual(before.held.map(({ at }) => at));
    expect(held.held[0]?.paths.toSorted()).toEqual([BILLING, ORDERS].sort());
    expect(configurationOf(await rig.live())).toEqual(live);
    await waitForListings(rig, 3);
    expect(configurationOf(await rig.live())).toEqual(live);
    expect(rig.status()?.held).toHaveLength(2);
  });

  it('whose source lost a directory meanwhile keeps its files', async () => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    const before = await replace(rig);
    await rig.sync({ [CATALOG]: FILES[CATALOG] });
    const watcher = await rig.watchLive();
    rig.start();
    const status = await rig.waitFor((one) => isServing(one) && one.held.length === 1);
    expect(status.held[0]?.paths.toSorted()).toEqual([BILLING, ORDERS].sort());
    expect(await rig.live()).toEqual(before);
    // At no moment was there a live etc with the catalog and without the metaschemas, once they were there.
    await watcher.stop();
    const complete = watcher.states.findIndex((state) => state.has(ORDERS) && state.has(BILLING));
    expect(watcher.states.slice(complete).every((state) => state.has(ORDERS))).toBe(true);
  });

  it('whose source is empty keeps everything', async () => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    const before = await replace(rig);
    await rig.sync({}, { manifest: false });
    rig.start();
    const status = await rig.waitFor((one) => isServing(one) && one.held.length === 1);
    expect(status.held[0]?.paths.toSorted()).toEqual(Object.keys(FILES).sort());
    expect(await rig.live()).toEqual(before);
  });

  it('holds a catalog that shows more than on the machine before', async () => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    const before = await replace(rig);
    await rig.sync({ ...FILES, [CATALOG]: catalogOf() });
    rig.start();
    const status = await rig.waitFor((one) => isServing(one) && one.held.length === 1);
    expect(status.held[0]?.kind).toBe('exposure');
    expect((await rig.live()).get(CATALOG)).toBe(before.get(CATALOG));
  });

  it('whose first configuration fails falls back on what was proven before it', async () => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    const before = await replace(rig);
    await rig.sync({ ...FILES, [CATALOG]: `${catalogOf('shop')}stand-in.refuse=true\n` });
    rig.start();
    const status = await rig.waitFor(
      ({ quarantined, analytics, proven }) => quarantined.length > 0 && analytics.serving && proven !== null,
      40_000,
    );
    expect(findCondition(status, 'Proven')?.reason).toBe('RolledBack');
    expect((await rig.live()).get(CATALOG)).toBe(before.get(CATALOG));
  });

  it('stays with the group that was in force', async () => {
    const rig = await startProven();
    await rig.waitForProven(
      await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('query') }, { group: 'query-1' }),
    );
    const isSaved = async () => /"proven":\{/.test((await readObject(rig, baselineOf('query-1'))) ?? '');
    await expect.poll(isSaved, { timeout: 20_000 }).toBe(true);
    await replace(rig);
    rig.proxy?.fault(isOfSource, { kind: 'status', status: 503, code: 'SlowDown' });
    rig.start();
    const status = await rig.waitFor(isServing);
    expect(status.source.group).toBe('query-1');
  });
});

describe('a baseline that cannot be used', () => {
  it.each([
    ['garbage', 'this is no baseline'],
    ['of a later version', '{"version":9,"what":"ever"}'],
  ])('%s is a condition, the source is taken, and the next proof replaces it', async (_, text) => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    await replace(rig);
    await writeObject(rig, BASELINE, text);
    rig.start();
    const status = await rig.waitFor((one) => findCondition(one, 'BaselineUnread') !== null);
    expect(findCondition(status, 'BaselineUnread')?.reason).toBe('BaselineUnusable');
    await rig.waitForProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
  });

  it('that the gate of today refuses is not started, but is what there is to compare with', async () => {
    const rig = await startProven({ env: { GATEWAY_CONNECTORS: '["datomic","memory"]' } });
    const other = { ...FILES, 'catalog/cache.properties': 'connector.name=memory\n' };
    const snapshot = await rig.sync(other, { allow: ['exposure'] });
    await rig.waitForProven(snapshot);
    await waitForBaseline(rig, (saved) => pathsOf(saved)?.includes('catalog/cache.properties') === true);
    await replace(rig);
    await rig.sync({ [CATALOG]: FILES[CATALOG] });
    rig.start({ env: { GATEWAY_CONNECTORS: '["datomic"]' } });
    const status = await rig.waitFor((one) => isServing(one) && one.held.length === 1);
    expect(status.held[0]?.paths.toSorted()).toEqual([BILLING, ORDERS].sort());
    expect((await rig.live()).has('catalog/cache.properties')).toBe(false);
  });

  it('that answers late delays neither READY nor the source for long, and is taken over then', async () => {
    const rig = await startProven();
    await waitForBaseline(rig, ({ proven }) => proven !== null);
    await replace(rig);
    await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase') });
    rig.proxy?.fault(isOfBaseline, { kind: 'status', status: 500, code: 'InternalError' });
    const startedAt = Date.now();
    rig.start();
    await waitUntil(() => findEvents(rig, 'agent.ready').length === 2, 'READY');
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    await rig.waitFor(isServing);
    rig.proxy?.clear();
    await waitUntil(() => findEvents(rig, 'baseline.inherited').length === 1, 'taken over late', 90_000);
    await rig.waitFor((status) => findCondition(status, 'BaselineUnread') === null);
    await rig.waitForProven();
  });
});
