import { describe, expect, test } from 'vitest';
import { guardDeletions } from '../../../agent/core/guard.ts';

const CATALOG = 'catalog/orders.properties';
const A = 'datomic/a.edn';
const B = 'datomic/b.edn';
const C = 'datomic/c.edn';

interface Row {
  readonly title: string;
  readonly baseline: readonly string[];
  readonly kept?: readonly string[];
  readonly snapshot: readonly string[];
  readonly acknowledged?: readonly string[];
  readonly expected: readonly string[];
  readonly released?: readonly string[];
}

const ROWS: readonly Row[] = [
  { title: 'nothing is gone', baseline: [CATALOG, A], snapshot: [CATALOG, A], expected: [] },
  { title: 'without a baseline there is nothing to keep', baseline: [], snapshot: [CATALOG], expected: [] },
  { title: 'an empty source and no baseline', baseline: [], snapshot: [], expected: [] },
  {
    title: 'one metaschema among others is gone: honoured',
    baseline: [CATALOG, A, B],
    snapshot: [CATALOG, A],
    expected: [],
  },
  {
    title: 'one catalog among others is gone: honoured',
    baseline: [CATALOG, 'catalog/stock.properties'],
    snapshot: [CATALOG],
    expected: [],
  },
  {
    title: 'a pipeline that syncs only catalog/ does not cost the metaschemas',
    baseline: [CATALOG, A, B],
    snapshot: [CATALOG, 'catalog/new.properties'],
    expected: [A, B],
  },
  {
    title: 'the last file of a directory is the whole directory',
    baseline: [CATALOG, A],
    snapshot: [CATALOG],
    expected: [A],
  },
  { title: 'catalog/ is gone', baseline: [CATALOG, A], snapshot: [A], expected: [CATALOG] },
  { title: 'the prefix was emptied', baseline: [CATALOG, A, B], snapshot: [], expected: [CATALOG, A, B] },
  {
    title: 'a later sync of one other metaschema does not drop those that are kept',
    baseline: [CATALOG, A, B],
    kept: [A, B],
    snapshot: [CATALOG, C],
    expected: [A, B],
  },
  {
    title: 'that metaschema deleted again: the directory is empty, and what was proven with it is kept too',
    baseline: [CATALOG, A, B, C],
    kept: [A, B],
    snapshot: [CATALOG],
    expected: [A, B, C],
  },
  {
    title: 'kept files stay kept when they were proven as kept',
    baseline: [CATALOG, A, B],
    kept: [A, B],
    snapshot: [CATALOG],
    expected: [A, B],
  },
  {
    title: 'kept files stay kept although a damaged baseline has forgotten them',
    baseline: [],
    kept: [A],
    snapshot: [CATALOG],
    expected: [A],
  },
  {
    title: 'one of the kept files is back in the source: the other stays kept',
    baseline: [CATALOG, A, B],
    kept: [A, B],
    snapshot: [CATALOG, A],
    expected: [B],
    released: ['datomic/a.edn returned'],
  },
  {
    title: 'all came back',
    baseline: [CATALOG, A, B],
    kept: [A, B],
    snapshot: [CATALOG, A, B],
    expected: [],
    released: ['datomic/a.edn returned', 'datomic/b.edn returned'],
  },
  {
    title: 'a file that came back can be deleted among others as any',
    baseline: [CATALOG, A, B],
    kept: [],
    snapshot: [CATALOG, A],
    expected: [],
  },
  {
    title: 'a person agreed to all: they go',
    baseline: [CATALOG, A, B],
    kept: [A, B],
    snapshot: [CATALOG],
    acknowledged: [A, B],
    expected: [],
    released: ['datomic/a.edn acknowledged', 'datomic/b.edn acknowledged'],
  },
  {
    title: 'a person agreed to one: the other stays kept',
    baseline: [CATALOG, A, B],
    kept: [A, B],
    snapshot: [CATALOG],
    acknowledged: [A],
    expected: [B],
    released: ['datomic/a.edn acknowledged'],
  },
  {
    title: 'a person agreed beforehand (the manifest allows it): nothing is kept at all',
    baseline: [CATALOG, A, B],
    snapshot: [CATALOG],
    acknowledged: [A, B],
    expected: [],
    released: ['datomic/a.edn acknowledged', 'datomic/b.edn acknowledged'],
  },
  {
    title: 'agreeing to lose the metaschemas does not agree to lose the catalogs',
    baseline: [CATALOG, A],
    kept: [A],
    snapshot: [],
    acknowledged: [A],
    expected: [CATALOG],
    released: ['datomic/a.edn acknowledged'],
  },
  {
    title: 'a file that was acknowledged and is in the source is simply there',
    baseline: [CATALOG, A],
    kept: [A],
    snapshot: [CATALOG, A],
    acknowledged: [A],
    expected: [],
    released: ['datomic/a.edn returned'],
  },
  {
    title: 'the engine files of a release are none of the source and are never kept',
    baseline: ['config.properties', CATALOG],
    snapshot: [CATALOG],
    expected: [],
  },
];

describe('which files the source lost stay live', () => {
  test.each(ROWS)(
    '$title',
    ({ baseline, kept = [], snapshot, acknowledged = [], expected, released = [] }) => {
      const guard = guardDeletions({ baseline, kept, snapshot, acknowledged });
      expect(guard.kept).toEqual(expected);
      expect(guard.released.map(({ path, because }) => `${path} ${because}`)).toEqual(released);
    },
  );
});

test('a walk: sync without metaschemas, sync of another one, partial yes, return, full yes', () => {
  let kept: readonly string[] = [];
  const baseline = [CATALOG, A, B];
  const look = (snapshot: readonly string[], acknowledged: readonly string[] = []) => {
    kept = guardDeletions({ baseline, kept, snapshot, acknowledged }).kept;
    return kept;
  };
  expect(look([CATALOG])).toEqual([A, B]);
  expect(look([CATALOG])).toEqual([A, B]);
  expect(look([CATALOG, C])).toEqual([A, B]);
  expect(look([CATALOG, C], [A])).toEqual([B]);
  expect(look([CATALOG, C, B])).toEqual([]);
  expect(look([CATALOG, C])).toEqual([]);
});
