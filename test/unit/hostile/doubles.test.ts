/** The invariants can fail: readers with one mistake each are found by the same schedules, and each rule has its breach. */
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { renderRelease } from '../../../agent/core/rendering.ts';
import type { SnapshotId } from '../../../agent/core/types.ts';
import { judgeRates } from '../../support/hostile/call-rates.ts';
import { DOUBLES, REFUSAL_IS_EMPTY } from '../../support/hostile/doubles.ts';
import { createMemoryPlace } from '../../support/hostile/memory-place.ts';
import { runReader } from '../../support/hostile/reader-run.ts';
import { judgeLoss, judgeProven, judgeStarts } from '../../support/hostile/world-checks.ts';
import { runWorld } from '../../support/hostile/world-run.ts';
import { renderingInputs, sourceFiles } from '../../support/releases.ts';

const MOST_SCHEDULES = 1_000;

describe('a mistake in how the source is read', () => {
  test.each(DOUBLES)('(%s) is found', async (_, double) => {
    const violations: string[] = [];
    for (let seed = 1; violations.length === 0 && seed <= MOST_SCHEDULES; seed += 1) {
      violations.push(...(await runReader(seed, double)).violations);
    }
    expect(violations[0]).toMatch(/^a cut of /);
  });

  test('is found in what the whole application puts live, too', async () => {
    const violations: string[] = [];
    for (let seed = 1; violations.length === 0 && seed <= 100; seed += 1) {
      const run = await runWorld(seed, {
        groups: ['acme'],
        createPlace: createMemoryPlace,
        pollIntervalMs: 2_000,
        double: REFUSAL_IS_EMPTY,
      });
      violations.push(...run.violations);
    }
    expect(violations[0]).toMatch(/^what goes live of /);
  });
});

test('a store that keeps only the newest release is found', async () => {
  const violations: string[] = [];
  for (let seed = 1; violations.length === 0 && seed <= 100; seed += 1) {
    const run = await runWorld(seed, {
      groups: ['acme', 'q1'],
      createPlace: createMemoryPlace,
      pollIntervalMs: 2_000,
      doubleStore: (store, disk) => ({
        ...store,
        prune: async () => {
          for (const digest of [...disk.releases.keys()].slice(0, -1)) disk.releases.delete(digest);
        },
      }),
    });
    violations.push(...run.violations);
  }
  expect(violations.join('\n')).toMatch(/the proven release \w+ is not in the store/);
});

describe('a rule about what goes live', () => {
  const release = (texts: Readonly<Record<string, string>>) => {
    const made = renderRelease({
      snapshot: {
        id: 'a'.repeat(64) as SnapshotId,
        group: 'acme',
        files: sourceFiles(texts),
        origin: { at: 1, by: 'x' },
        allow: [],
      },
      kept: { paths: [], files: [] },
      inputs: renderingInputs(),
      sha256,
    });
    if ('kind' in made) throw new Error(made.reason);
    return made;
  };
  const shop = (databases: string) => ({
    'catalog/shop.properties': `connector.name=datomic\ndatomic.databases=[${databases}]\n`,
  });
  const whole = release({ ...shop('a'), 'datomic/a.edn': '{}' });

  test('finds a directory that went, and lets it go with leave', () => {
    const less = release(shop('a'));
    expect(judgeLoss(whole, less, false)).toEqual(["datomic/ was lost without anybody's leave"]);
    expect(judgeLoss(whole, less, true)).toEqual([]);
    expect(judgeLoss(less, whole, false)).toEqual([]);
  });

  test('finds what was proven and is forgotten, gone or not whole', () => {
    const { digest } = whole.facts;
    const stored = new Map([[digest, whole]]);
    expect(judgeProven(null, null, stored)).toEqual([]);
    expect(judgeProven(null, digest, stored)).toEqual([]);
    expect(judgeProven(digest, null, stored)).toEqual([`what was proven, ${digest}, is forgotten`]);
    expect(judgeProven(digest, digest, new Map())).toEqual([
      `the proven release ${digest} is not in the store`,
    ]);
    const torn = new Map([[digest, { ...whole, etc: whole.etc.slice(1) }]]);
    expect(judgeProven(digest, digest, torn)).toEqual([`the proven release ${digest} is not whole`]);
  });

  test('finds a start of the engine for a metaschema, and lets it start for a catalog', () => {
    const other = release({ ...shop('a'), 'datomic/a.edn': '{:tables {}}' });
    expect(judgeStarts([{ release: whole }, { release: other }])).toEqual([
      'start 2 of the engine was for nothing',
    ]);
    expect(judgeStarts([{ release: whole }, { release: release(shop('a b')) }])).toEqual([]);
  });
});

describe('a rule about how often the source is asked', () => {
  const calls = (count: number, everyMs: number, isFailed: boolean) =>
    Array.from({ length: count }, (_, index) => ({
      place: 'list' as const,
      at: index * everyMs,
      isFailed,
    }));

  test('finds nine listings a second, and lets two a second pass', () => {
    expect(judgeRates(calls(600, 111, false), 10)).toEqual(['211 listings within a minute']);
    expect(judgeRates(calls(600, 500, false), 10)).toEqual([]);
  });

  test('finds a failure that is repeated without a pause', () => {
    expect(judgeRates(calls(2, 100, true), 10)).toEqual(['list failed twice within 100 ms']);
    expect(judgeRates(calls(2, 500, true), 10)).toEqual([]);
  });
});
