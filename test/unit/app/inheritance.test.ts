import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { createInheritance } from '../../../agent/app/inheritance.ts';
import type { SourceView } from '../../../agent/app/source-types.ts';
import { printBaseline, type SavedBaseline } from '../../../agent/core/baseline-document.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import type { RenderingInputs } from '../../../agent/core/release.ts';
import type { SnapshotId } from '../../../agent/core/types.ts';
import { memory } from '../../fakes/builders.ts';
import { createFakeBucket } from '../../fakes/fake-bucket.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { renderingInputs, sourceFiles } from '../../support/releases.ts';

const SECOND = 1_000;
const snapshot = 'a'.repeat(64) as SnapshotId;
const FILES = sourceFiles({
  'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n',
  'datomic/orders.edn': '{:tables {:order/id {}}}\n',
});
const [catalog, orders] = FILES;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const document = (overrides: Partial<SavedBaseline> = {}): string =>
  printBaseline(
    {
      group: 'acme',
      changedAt: 5,
      by: { instance: 'i-1', agent: '1' },
      markAt: 4,
      proven: { snapshot, origin: { at: 1, by: 'ann' }, kept: ['datomic/orders.edn'], files: FILES },
      kept: { snapshot, at: 2, files: orders === undefined ? [] : [orders] },
      exposure: null,
      acknowledgements: [],
      ...overrides,
    },
    sha256,
  );

const VIEW: SourceView = {
  uri: 'fake://source',
  lastPollAt: 1,
  lastSuccessAt: 1,
  error: null,
  cut: { kind: 'over-limit', id: snapshot, group: 'acme', origin: { at: 1, by: 'x' }, issues: [] },
  group: null,
  groups: [],
  pending: null,
  isSettling: false,
  settledAt: 1,
  manifestAt: null,
};

function start(options: { group?: string; inputs?: () => RenderingInputs } = {}) {
  const clock = createFakeClock();
  const bucket = createFakeBucket();
  const fake = createFakeStore();
  const log = createFakeLog();
  const groups: unknown[] = [];
  const stop = new AbortController();
  const inheritance = createInheritance({
    bucket,
    store: fake.store,
    memoryFile: fake.memoryFile,
    sha256,
    clock,
    random: () => 0,
    log,
    connectors: ['datomic'],
    inputs: async () => (options.inputs ?? renderingInputs)(),
    group: options.group ?? 'auto',
    onGroup: (group) => groups.push(group),
    onResult: () => undefined,
  });
  let running: Promise<void> = Promise.resolve();
  ends.push(async () => {
    stop.abort();
    await clock.settle();
    await running;
  });
  return {
    clock,
    bucket,
    log,
    groups,
    inheritance,
    ...fake,
    run: () => {
      running = inheritance.run(stop.signal);
    },
  };
}

describe('a fresh machine', () => {
  it('takes over what is saved: rendered for this machine, stored, and remembered on disk', async () => {
    const { clock, bucket, inheritance, run, store, memoryFile, groups, log } = start();
    bucket.put('acme', document());
    run();
    await clock.settle();
    const next = await inheritance.inherit(memory());
    const release = next.desired === null ? null : await store.read(next.desired.digest);
    expect(release?.source).toEqual(FILES);
    expect(release?.kept).toEqual(['datomic/orders.edn']);
    expect(release?.facts).toMatchObject({ snapshot, group: 'acme', origin: { at: 1, by: 'ann' } });
    expect(release?.etc.map(({ path }) => path)).toContain('jvm.config');
    expect(next).toMatchObject({
      proven: null,
      group: { name: 'acme', markAt: 4 },
      kept: { acme: { paths: ['datomic/orders.edn'], from: release?.facts.digest, at: 2 } },
    });
    expect((await memoryFile.load()).memory).toEqual(next);
    expect(groups).toEqual([{ name: 'acme', markAt: 4 }]);
    expect(inheritance.isKnown()).toBe(true);
    expect(log.events()).toEqual(['baseline.inherited']);
    expect(await inheritance.inherit(next)).toBe(next);
  });

  it('makes a release of their own for kept files that are not among the proven ones', async () => {
    const { clock, bucket, inheritance, run, store } = start();
    const proven = {
      snapshot,
      origin: { at: 1, by: 'x' },
      kept: [],
      files: catalog === undefined ? [] : [catalog],
    };
    bucket.put('acme', document({ proven }));
    run();
    await clock.settle();
    const { kept, baselines } = await inheritance.inherit(memory());
    const from = kept.acme?.from;
    expect(from).not.toBe(baselines.acme);
    const keeper = from === undefined ? null : await store.read(from);
    expect(keeper?.source).toEqual(FILES);
  });

  it('asks only for its own group where that is set', async () => {
    const { clock, bucket, run } = start({ group: 'query' });
    run();
    await clock.settle();
    expect(bucket.calls).toEqual(['read query']);
  });

  it('with an empty bucket begins from nothing, and says nothing', async () => {
    const { clock, inheritance, run, log } = start();
    run();
    await clock.settle();
    expect(await inheritance.inherit(memory())).toEqual(memory());
    expect([inheritance.isKnown(), inheritance.trouble(), log.events()]).toEqual([true, null, []]);
  });

  it.each([
    ['garbage', 'password=hunter2'],
    ['a later version', '{"version":7}'],
  ])('with %s in the bucket says so, and takes the other groups', async (_, text) => {
    const { clock, bucket, inheritance, run } = start();
    bucket.put('acme', text);
    bucket.put('query', document({ group: 'query' }));
    run();
    await clock.settle();
    expect(await inheritance.inherit(memory())).toMatchObject({ group: { name: 'query' } });
    expect(inheritance.trouble()).toMatchObject({ type: 'BaselineUnread', reason: 'BaselineUnusable' });
    expect(JSON.stringify(inheritance.trouble())).not.toContain('hunter2');
    expect(inheritance.isKnown()).toBe(true);
  });

  it('waits with the rendering until the region is known', async () => {
    let region: string | null = null;
    const { clock, bucket, inheritance, run } = start({ inputs: () => renderingInputs({ region }) });
    bucket.put('acme', document());
    run();
    await clock.settle();
    expect(await inheritance.inherit(memory())).toEqual(memory());
    expect(inheritance.trouble()).toMatchObject({ type: 'BaselineUnread', reason: 'CannotRender' });
    region = 'eu-west-1';
    expect((await inheritance.inherit(memory())).desired).not.toBeNull();
    expect(inheritance.trouble()).toBeNull();
  });

  it('does not start what the gate of today refuses', async () => {
    const { clock, bucket, inheritance, run } = start();
    const files = sourceFiles({ 'catalog/evil.properties': 'connector.name=localfile\n' });
    bucket.put(
      'acme',
      document({ proven: { snapshot, origin: { at: 1, by: 'x' }, kept: [], files }, kept: null }),
    );
    run();
    await clock.settle();
    const next = await inheritance.inherit(memory());
    expect([next.desired, next.inherited]).toEqual([null, null]);
    expect(Object.keys(next.baselines)).toEqual(['acme']);
  });
});

describe('the newest cut', () => {
  it('waits for the baselines, and goes on with them', async () => {
    const { clock, bucket, inheritance, run } = start();
    bucket.hang();
    run();
    await clock.settle();
    expect(inheritance.guardView(VIEW).cut).toBeNull();
    bucket.release();
    await clock.settle();
    await inheritance.inherit(memory());
    expect(inheritance.guardView(VIEW)).toBe(VIEW);
  });

  it('waits for some seconds at most, and what is read later is taken over then', async () => {
    const { clock, bucket, inheritance, run } = start();
    bucket.put('acme', document());
    bucket.fail(new AgentError('AWS_UNREACHABLE', 'service does not answer'));
    run();
    await clock.advance(60 * SECOND);
    expect(inheritance.guardView(VIEW).cut).toBeNull();
    await clock.advance(5 * SECOND);
    expect(inheritance.guardView(VIEW).cut).not.toBeNull();
    expect(inheritance.isKnown()).toBe(false);
    expect(inheritance.trouble()?.type).toBe('BaselineUnread');
    bucket.fail(null);
    await clock.advance(60 * SECOND);
    expect((await inheritance.inherit(memory())).baselines).toHaveProperty('acme');
  });

  it('does not wait at all where it may not be read', async () => {
    const { clock, bucket, inheritance, run } = start();
    bucket.fail(new AgentError('AWS_DENIED', 'call is not allowed'));
    run();
    await clock.settle();
    expect(inheritance.guardView(VIEW).cut).not.toBeNull();
  });

  it('makes the bucket be asked at once, since S3 answers again', async () => {
    const { clock, bucket, inheritance, run } = start();
    bucket.fail(new AgentError('AWS_UNREACHABLE', 'service does not answer'));
    run();
    await clock.advance(600 * SECOND);
    bucket.fail(null);
    bucket.forgetCalls();
    inheritance.guardView(VIEW);
    await clock.settle();
    expect(bucket.calls).toEqual(['groups']);
  });
});
