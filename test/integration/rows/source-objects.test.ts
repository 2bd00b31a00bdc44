/** What may lie in the prefix: very much of it, too much, and names that are easily mistaken for each other. */
import { describe, expect, it } from 'vitest';
import { isGetOf, isListing } from '../../support/fault-proxy.ts';
import { createPendingManifest } from '../../support/rig-source.ts';
import {
  CATALOG,
  configurationOf,
  FILES,
  findCondition,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
  waitForLive,
} from '../../support/rows.ts';

/** One more than a page of S3 holds; one more than the limit of files. */
const MANY = 1_001;
const TOO_MANY = 501;
const GiB = 1024 ** 3;

/** Many at once: one after the other it would be a minute. */
const forEach = async (count: number, work: (index: number) => Promise<void>) => {
  const indices = Array.from({ length: count }, (_, index) => index);
  for (let at = 0; at < count; at += 50) await Promise.all(indices.slice(at, at + 50).map(work));
};

describe('very many objects', () => {
  it('that are no configuration neither count nor hurt: a thousand and one views', async () => {
    const rig = await startProven({}, { manifest: false });
    await forEach(MANY, (index) => rig.putObject(`datomic/views/v${index}.edn`, 'a view'));
    await rig.putObject(ORDERS, metaschemaOf('purchase'));
    await waitForLive(rig, ORDERS, metaschemaOf('purchase'));
    expect(Object.keys(configurationOf(await rig.live()))).toHaveLength(Object.keys(FILES).length);
    expect(rig.status()).toMatchObject({ refused: null, source: { error: null } });
    const asked = rig.proxy?.requests ?? [];
    expect(asked.filter(isListing).some(({ query }) => query.has('continuation-token'))).toBe(true);
    expect(asked.filter(({ key }) => key.includes('/views/'))).toEqual([]);
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('that are metaschemas, over the limit and over pages, are refused as a whole, unread', async () => {
    const rig = await startProven({}, { manifest: false });
    rig.proxy?.pageSize(100);
    const before = await rig.live();
    const watcher = await rig.watchLive();
    await rig.putObject('manifest.json', createPendingManifest());
    await forEach(TOO_MANY, (index) => rig.putObject(`datomic/m${index}.edn`, '{:tables {} :joins {}}'));
    await rig.deleteObject('manifest.json');
    const { refused } = await rig.waitFor((status) => status.refused !== null);
    expect(refused?.issues.map(({ code }) => code)).toEqual(['SOURCE_TOO_MANY_FILES']);
    expect(watcher.states).toEqual([before]);
    expect(rig.proxy?.requests.filter(isGetOf('.edn')).filter(({ key }) => key.includes('/m'))).toEqual([]);
    await rig.putObject('manifest.json', createPendingManifest());
    await forEach(TOO_MANY, (index) => rig.deleteObject(`datomic/m${index}.edn`));
    await rig.waitForProven(await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase') }));
    expect(rig.engineStarts()).toHaveLength(1);
  });
});

describe('an object of 5 GB that a listing announces', () => {
  it('is refused by its size, with its name, and not read; the rest stays as it is', async () => {
    const rig = await startProven({}, { manifest: false });
    const before = await rig.live();
    const watcher = await rig.watchLive();
    rig.proxy?.fault(isListing, {
      kind: 'rewrite',
      edit: (body) => body.replace(/(big\.edn<\/Key>.*?<Size>)\d+/su, (_, start) => `${start}${5 * GiB}`),
    });
    await rig.putObject('datomic/big.edn', '{:tables {} :joins {}}');
    const { refused } = await rig.waitFor((status) => status.refused !== null);
    expect(refused?.issues).toMatchObject([
      { code: 'SOURCE_FILE_TOO_LARGE', path: 'datomic/big.edn' },
      { code: 'SOURCE_TOTAL_TOO_LARGE' },
    ]);
    expect(watcher.states).toEqual([before]);
    expect(rig.proxy?.requests.filter(isGetOf('big.edn'))).toEqual([]);
    expect(findCondition(rig.status(), 'Healthy')).toMatchObject({ status: 'True' });
    rig.proxy?.clear();
    await rig.waitFor((status) => status.refused === null);
  });
});

describe('names that are easily mistaken', () => {
  it('go live each with its own text, and those outside of the two directories do not', async () => {
    const rig = await startProven();
    const twins = {
      'datomic/caf\u00e9.edn': metaschemaOf('composed'),
      'datomic/cafe\u0301.edn': metaschemaOf('decomposed'),
      'datomic/TWIN.edn': metaschemaOf('upper'),
      'datomic/twin.edn': metaschemaOf('lower'),
      'datomic/a b+c%2F.edn': metaschemaOf('signs'),
    };
    const snapshot = await rig.sync({ ...FILES, ...twins });
    await rig.waitForProven(snapshot);
    expect(configurationOf(await rig.live())).toMatchObject(twins);
    for (const key of ['../escape.edn', 'datomic/../../escape.edn', 'datomic\\a.edn', 'Datomic/a.edn'])
      await rig.putObject(key, metaschemaOf('hostile'));
    await waitForListings(rig, 5);
    expect(Object.keys(configurationOf(await rig.live())).sort()).toEqual(
      Object.keys({ ...FILES, ...twins }).sort(),
    );
    expect(rig.engineStarts()).toHaveLength(1);
  });

  it('of catalogs are refused: the engine knows only lower case', async () => {
    const rig = await startProven();
    await rig.sync({ ...FILES, 'catalog/Shop.properties': FILES[CATALOG] });
    const { refused } = await rig.waitFor((status) => status.refused !== null);
    expect(refused?.issues.map(({ path }) => path)).toContain('catalog/Shop.properties');
  });
});
