import { expect, test } from 'vitest';
import { describeGroup, type Listed, splitListing } from '../../../../agent/core/source/listing.ts';

const object = (path: string, change: Partial<Listed> = {}): Listed => ({
  group: 'acme',
  path,
  tag: 't',
  size: 1,
  modifiedAt: 100,
  ...change,
});

const BASE = [object('catalog/a.properties'), object('datomic/a.edn'), object('manifest.json')];
const identity = (objects: readonly Listed[]) => describeGroup('acme', objects).identity;

test.each<[title: string, objects: readonly Listed[], isSame: boolean]>([
  ['the same objects in another order', [...BASE].reverse(), true],
  ['a view more', [...BASE, object('datomic/views/v.sql')], true],
  ['a foreign object more', [...BASE, object('README.md')], true],
  ['a file more', [...BASE, object('datomic/b.edn')], false],
  ['a file less', BASE.slice(1), false],
  ['no manifest', BASE.slice(0, 2), false],
  ['another path', [object('catalog/b.properties'), ...BASE.slice(1)], false],
  ['another tag', [object('catalog/a.properties', { tag: 'u' }), ...BASE.slice(1)], false],
  ['another size', [object('catalog/a.properties', { size: 2 }), ...BASE.slice(1)], false],
  ['another time', [object('catalog/a.properties', { modifiedAt: 101 }), ...BASE.slice(1)], false],
  ['another tag of the manifest', [...BASE.slice(0, 2), object('manifest.json', { tag: 'u' })], false],
])('identity of a listing: %s', (_title, objects, isSame) => {
  expect(identity(objects) === identity(BASE)).toBe(isSame);
});

test('a listing is sorted into groups, and names that no group can have are passed over', () => {
  const groups = splitListing([
    object('datomic/b.edn', { group: 'q1' }),
    object('datomic/b.edn'),
    object('datomic/a.edn'),
    object('datomic/a.edn', { group: '..' }),
    object('datomic/a.edn', { group: '' }),
  ]);
  expect([...groups.keys()].sort()).toEqual(['acme', 'q1']);
  expect(groups.get('acme')?.files.map(({ path }) => path)).toEqual(['datomic/a.edn', 'datomic/b.edn']);
});

test('the newest time is that of files and manifest, not of views or foreign objects', () => {
  const group = describeGroup('acme', [
    object('datomic/a.edn', { modifiedAt: 5 }),
    object('manifest.json', { modifiedAt: 7 }),
    object('datomic/views/v', { modifiedAt: 900 }),
    object('README.md', { modifiedAt: 901 }),
  ]);
  expect(group.newestAt).toBe(7);
  expect(describeGroup('acme', [object('README.md')]).newestAt).toBeNull();
});

test('foreign objects are warned of by name, hostile names made printable', () => {
  const { issues } = describeGroup('acme', [
    object('a\u0000\u202eb'),
    object('README.md'),
    object('datomic/'),
  ]);
  expect(issues.map(({ code, severity, path }) => [code, severity, path])).toEqual([
    ['SOURCE_FOREIGN_PATH', 'warning', 'README.md'],
    ['SOURCE_FOREIGN_PATH', 'warning', 'a\\u{0}\\u{202e}b'],
  ]);
});

test('a hundred thousand foreign objects are one short list', () => {
  const { issues } = describeGroup(
    'acme',
    Array.from({ length: 100_000 }, (_, index) => object(`junk/x${index}`)),
  );
  expect(issues).toHaveLength(21);
  expect(issues.at(-1)?.message).toContain('99980 more');
});
