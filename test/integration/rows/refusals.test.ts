/** What does not pass is not published: live files stay byte for byte, and the person is told where the fault is. */
import { describe, expect, it } from 'vitest';
import type { Files } from '../../support/rig-source.ts';
import {
  BILLING,
  CATALOG,
  catalogOf,
  FILES,
  findCondition,
  findEvents,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
} from '../../support/rows.ts';

interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

const STRAY_BRACE = '{:tables {:order/id {}}\n :joins {}}\n }\n';
const TWICE = '{:tables {:order/id {}\n          :order/id {}}\n :joins {}}\n';
const LATIN = `${catalogOf('shop')}key=caf\\u12\n`;

describe('a broken file', () => {
  it.each<[title: string, broken: Files, places: readonly Place[]]>([
    ['a metaschema with a brace too many', { [ORDERS]: STRAY_BRACE }, [{ path: ORDERS, line: 3, column: 2 }]],
    ['a metaschema with a key twice', { [ORDERS]: TWICE }, [{ path: ORDERS, line: 2, column: 11 }]],
    [
      'a catalog with another connector',
      { [CATALOG]: '# the shop\nconnector.name=jdbc\n' },
      [{ path: CATALOG, line: 2, column: 16 }],
    ],
    [
      'a catalog line that lost its =',
      { [CATALOG]: 'connector.name=datomic\ndatomic.databases[shop]\n' },
      [{ path: CATALOG, line: 2, column: 1 }],
    ],
    [
      'a metaschema with a misspelt option',
      { [ORDERS]: '{:tables {:order/id\n  {:rename-many {:order/tags "tags"}}}\n :joins {}}\n' },
      [{ path: ORDERS, line: 2, column: 4 }],
    ],
    ['a catalog that Java cannot read', { [CATALOG]: LATIN }, [{ path: CATALOG, line: 3, column: 8 }]],
    [
      'two files at once',
      { [BILLING]: STRAY_BRACE, [ORDERS]: TWICE },
      [
        { path: BILLING, line: 3, column: 2 },
        { path: ORDERS, line: 2, column: 11 },
      ],
    ],
  ])(
    '(%s) is refused with file, line and column, and repaired by the next good sync',
    async (_, broken, places) => {
      const rig = await startProven();
      const before = await rig.live();
      const { pid } = (await rig.waitForProven()).analytics;
      // What is sound in the same sync must not go live either: files are synced as a set.
      const snapshot = await rig.sync({ ...FILES, 'datomic/new.edn': metaschemaOf('new'), ...broken });
      const { refused } = await rig.waitFor((status) => status.refused !== null);
      expect(refused).toMatchObject({ snapshot, by: 'rig' });
      const errors = refused?.issues.filter(({ severity }) => severity === 'error') ?? [];
      const found = errors.map(({ path, line, column }) => ({ path, line, column }));
      expect(found).toEqual(expect.arrayContaining([...places]));
      for (const { message, hint } of errors) expect([message, hint]).not.toContain('');
      await waitForListings(rig, 2);
      expect(await rig.live()).toEqual(before);
      expect(findEvents(rig, 'snapshot.refused')).toHaveLength(1);
      const { path, line, column } = errors[0] ?? {};
      const valid = findCondition(rig.status(), 'Valid');
      expect(valid).toMatchObject({ status: 'False', reason: 'Refused' });
      expect(valid?.message).toContain(`${path}:${line}:${column}`);

      const good = await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('repaired') });
      const repaired = await rig.waitForProven(good);
      expect(repaired.refused).toBeNull();
      expect(findCondition(repaired, 'Valid')).toMatchObject({ status: 'True' });
      expect((await rig.live()).get(ORDERS)).toBe(metaschemaOf('repaired'));
      expect(repaired.analytics.pid).toBe(pid);
      expect(rig.engineStarts()).toHaveLength(1);
    },
  );

  it('is repaired by taking it back, too', async () => {
    const rig = await startProven();
    const before = await rig.live();
    await rig.sync({ ...FILES, [ORDERS]: STRAY_BRACE });
    await rig.waitFor(({ refused }) => refused !== null);
    await rig.sync(FILES);
    const status = await rig.waitFor(({ refused }) => refused === null);
    expect(findCondition(status, 'Proven')).toMatchObject({ status: 'True' });
    expect(await rig.live()).toEqual(before);
  });
});

describe('too much', () => {
  const MANY = Object.fromEntries(
    Array.from({ length: 501 - Object.keys(FILES).length }, (_, nth) => [
      `datomic/many-${nth}.edn`,
      metaschemaOf(`many${nth}`),
    ]),
  );
  const HUGE = { [ORDERS]: `${metaschemaOf('order')}${';'.repeat(1024 * 1024)}\n` };

  it.each<[title: string, env: Record<string, string>, more: Files, code: string, path: string | null]>([
    ['an object over the size limit', {}, HUGE, 'SOURCE_FILE_TOO_LARGE', ORDERS],
    ['501 files', {}, MANY, 'SOURCE_TOO_MANY_FILES', null],
    [
      'more than the limit of all together',
      { GATEWAY_LIMIT_TOTAL: '1KiB' },
      { [ORDERS]: `${metaschemaOf('order')}${';'.repeat(1024)}\n` },
      'SOURCE_TOTAL_TOO_LARGE',
      null,
    ],
  ])(
    '(%s) is refused as a whole: nothing is trimmed, nothing of it is read',
    async (_, env, more, code, path) => {
      const rig = await startProven({ env });
      const before = await rig.live();
      const from = rig.proxy?.requests.length ?? 0;
      await rig.sync({ ...FILES, 'datomic/new.edn': metaschemaOf('new'), ...more });
      const { refused } = await rig.waitFor((status) => status.refused !== null);
      const issue = refused?.issues.find((one) => one.code === code);
      expect(issue, JSON.stringify(refused)).toMatchObject({
        severity: 'error',
        ...(path === null ? {} : { path }),
      });
      await waitForListings(rig, 2);
      expect(await rig.live()).toEqual(before);
      const since = (rig.proxy?.requests ?? []).slice(from);
      expect(since.filter(({ key }) => key.endsWith('.edn'))).toEqual([]);

      const repaired = await rig.waitForProven(await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('small') }));
      expect(repaired.refused).toBeNull();
      expect(rig.engineStarts()).toHaveLength(1);
    },
  );
});
