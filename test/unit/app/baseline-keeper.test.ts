import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { createBaselineKeeper } from '../../../agent/app/baseline-keeper.ts';
import { parseBaseline, printBaseline, type SavedBaseline } from '../../../agent/core/baseline-document.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import type { Memory } from '../../../agent/core/memory.ts';
import type { SnapshotId } from '../../../agent/core/types.ts';
import { memory } from '../../fakes/builders.ts';
import { createFakeBucket } from '../../fakes/fake-bucket.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';
import { createFakeStore } from '../../fakes/fake-store.ts';
import { layOut } from '../../support/releases.ts';

const SECOND = 1_000;
const before = layOut({ 'catalog/shop.properties': 'connector.name=datomic\n', 'datomic/a.edn': '{}' });
const after = layOut({
  'catalog/shop.properties': 'connector.name=datomic\n',
  'datomic/a.edn': '{:tables {}}',
});
const snapshot = before.facts.snapshot;

const PROVEN = memory({
  group: { name: 'acme', markAt: 100 },
  desired: before.facts,
  proven: before.facts,
  baselines: { acme: before.facts.digest },
});
const NEXT: Memory = { ...PROVEN, proven: after.facts, baselines: { acme: after.facts.digest } };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function start(
  options: { instance?: string; mayWrite?: () => boolean; bucket?: ReturnType<typeof createFakeBucket> } = {},
) {
  const clock = createFakeClock(1_000_000);
  const bucket = options.bucket ?? createFakeBucket();
  const { store } = createFakeStore();
  const keeper = createBaselineKeeper({
    bucket,
    store,
    sha256,
    clock,
    random: () => 0,
    log: createFakeLog(),
    by: async () => ({ instance: options.instance ?? 'i-1', agent: '1' }),
    mayWrite: options.mayWrite ?? (() => true),
  });
  const stop = new AbortController();
  const running = Promise.all([store.write(before), store.write(after)]).then(() => keeper.run(stop.signal));
  const end = async () => {
    stop.abort();
    await clock.advance(5 * SECOND);
    await running;
  };
  ends.push(end);
  const savedOf = (group = 'acme'): SavedBaseline | null => {
    const parsed = parseBaseline(new TextEncoder().encode(bucket.objects.get(group) ?? ''), group, sha256);
    return parsed.kind === 'saved' ? parsed.saved : null;
  };
  return { clock, bucket, keeper, end, savedOf, store };
}

const foreign = (overrides: Partial<SavedBaseline>): string =>
  printBaseline(
    {
      group: 'acme',
      changedAt: 1,
      by: { instance: 'i-other', agent: '1' },
      markAt: 100,
      proven: { snapshot, origin: { at: 1, by: 'x' }, kept: [], files: after.source },
      kept: null,
      exposure: null,
      acknowledgements: [],
      ...overrides,
    },
    sha256,
  );

describe('the baseline of a group', () => {
  it('is saved with files, mark and who saved it, and not again while nothing changes', async () => {
    const { clock, keeper, bucket, savedOf } = start();
    for (let cycle = 0; cycle < 20; cycle += 1) {
      keeper.offer({ ...PROVEN, restarts: cycle });
      await clock.advance(SECOND);
    }
    expect(savedOf()).toMatchObject({
      group: 'acme',
      markAt: 100,
      by: { instance: 'i-1', agent: '1' },
      proven: { snapshot, origin: before.facts.origin, files: before.source },
      kept: null,
    });
    expect(bucket.calls).toEqual(['read acme', 'write acme']);
  });

  it('is saved when a hold, an acknowledgement or the mark changes', async () => {
    const { clock, keeper, savedOf } = start();
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    const hold = { paths: ['datomic/a.edn'], from: before.facts.digest, snapshot: 's' as SnapshotId, at: 7 };
    keeper.offer({ ...PROVEN, kept: { acme: hold }, group: { name: 'acme', markAt: 101 } });
    await clock.advance(SECOND);
    expect(savedOf()).toMatchObject({
      markAt: 101,
      kept: { at: 7, snapshot: 's', files: [{ path: 'datomic/a.edn' }] },
    });
  });

  it('of each group lies in an object of its own; only the one in force has a mark', async () => {
    const { clock, keeper, savedOf, bucket } = start();
    keeper.offer({ ...PROVEN, group: { name: 'query', markAt: 200 } });
    await clock.advance(SECOND);
    expect([...bucket.objects.keys()]).toEqual(['acme', 'query']);
    expect([savedOf('acme')?.markAt, savedOf('query')?.markAt]).toEqual([null, 200]);
  });

  it('that lies there already is not written by the next life of the agent', async () => {
    const first = start();
    first.keeper.offer(PROVEN);
    await first.clock.advance(SECOND);
    first.bucket.forgetCalls();
    const second = start({ bucket: first.bucket });
    second.keeper.offer(PROVEN);
    await second.clock.advance(SECOND);
    expect(first.bucket.calls).toEqual(['read acme']);
  });

  it('is not written before it is known what lies there', async () => {
    let isKnown = false;
    const { clock, keeper, bucket } = start({ mayWrite: () => isKnown });
    keeper.offer(PROVEN);
    await clock.advance(60 * SECOND);
    expect(bucket.calls).toEqual([]);
    isKnown = true;
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    expect(bucket.objects.size).toBe(1);
  });

  it('is never replaced by one without proven files', async () => {
    const { clock, keeper, bucket } = start();
    const theirs = foreign({ markAt: 1 });
    bucket.put('acme', theirs);
    keeper.offer(memory({ group: { name: 'acme', markAt: 500 } }));
    await clock.advance(SECOND);
    expect(bucket.objects.get('acme')).toBe(theirs);
  });
});

describe('of two machines that write at once', () => {
  it.each([
    ['the one wins that saw more of the source', { markAt: 101, changedAt: 1 }, 'theirs'],
    ['the one loses that saw less of the source', { markAt: 99, changedAt: 9_000_000 }, 'ours'],
    ['the later one wins where both saw as much', { markAt: 100, changedAt: 9_000_000 }, 'theirs'],
  ])('%s', async (_, theirs, winner) => {
    const { clock, keeper, bucket, savedOf } = start();
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    bucket.put('acme', foreign(theirs));
    keeper.offer(NEXT);
    await clock.advance(SECOND);
    expect(savedOf()?.by.instance).toBe(winner === 'ours' ? 'i-1' : 'i-other');
  });

  it('one that comes between reading and writing is read, and judged the same way', async () => {
    const { clock, keeper, bucket, savedOf } = start();
    bucket.beforeWrite(() => {
      bucket.beforeWrite(null);
      bucket.put('acme', foreign({ markAt: 101 }));
    });
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    expect(savedOf()?.by.instance).toBe('i-other');
    expect(bucket.calls).toEqual(['read acme', 'write acme', 'read acme']);
  });

  it('the own object of an earlier life is replaced whatever the clock says', async () => {
    const { clock, keeper, bucket, savedOf } = start();
    bucket.put('acme', foreign({ by: { instance: 'i-1', agent: '1' }, changedAt: 9_000_000 }));
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    expect(savedOf()?.proven?.files).toEqual(before.source);
  });

  it.each([
    ['garbage', 'no baseline'],
    ['a later version', '{"version":2}'],
  ])('%s is replaced once something is proven here', async (_, text) => {
    const { clock, keeper, bucket, savedOf } = start();
    bucket.put('acme', text);
    keeper.offer(memory({ group: { name: 'acme', markAt: 500 } }));
    await clock.advance(SECOND);
    expect(bucket.objects.get('acme')).toBe(text);
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    expect(savedOf()).not.toBeNull();
  });
});

describe('a bucket that cannot be written', () => {
  it('is one condition, is tried again with back-off, and gets the newest in the end', async () => {
    const { clock, keeper, bucket, savedOf } = start();
    bucket.fail(new AgentError('AWS_DENIED', 'call is not allowed', { fields: { call: 's3:PutObject' } }));
    keeper.offer(PROVEN);
    await clock.advance(60 * SECOND);
    expect(keeper.trouble()).toEqual({
      type: 'BaselineUnsaved',
      reason: 'AwsDenied',
      message: 'call is not allowed call=s3:PutObject. Allow the named call to the instance role.',
    });
    keeper.offer(NEXT);
    await clock.advance(3_600 * SECOND);
    expect(bucket.calls.length).toBeLessThan(40);
    bucket.fail(null);
    await clock.advance(300 * SECOND);
    expect(keeper.trouble()).toBeNull();
    expect(savedOf()?.proven?.files).toEqual(after.source);
  });

  it('does not keep the agent from ending', async () => {
    const { clock, keeper, bucket, end } = start();
    bucket.hang();
    keeper.offer(PROVEN);
    await clock.advance(SECOND);
    await end();
    expect(bucket.objects.size).toBe(0);
  });

  it('gets what was proven last when the agent ends right after', async () => {
    const { keeper, end, savedOf, clock } = start();
    await clock.settle();
    keeper.offer(PROVEN);
    await end();
    expect(savedOf()?.markAt).toBe(100);
  });
});
