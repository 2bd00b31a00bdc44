import { expect, test } from 'vitest';
import { classifyPath, isGroupName } from '../../../../agent/core/source/path.ts';

const rows: readonly [path: string, kind: string, reason?: string][] = [
  ['catalog/shop.properties', 'catalog'],
  ['catalog/Shop.properties', 'catalog'],
  ['datomic/shop.edn', 'metaschema'],
  ['datomic/größe 1+2.edn', 'metaschema'],
  ['manifest.json', 'manifest'],
  ['', 'ignored'],
  ['catalog/', 'ignored'],
  ['datomic/', 'ignored'],
  ['datomic/views/', 'ignored'],
  ['datomic/views/v.sql', 'ignored'],
  ['datomic/views/deep/er.edn', 'ignored'],
  ['datomic/shop.edn~', 'ignored'],
  ['datomic/.shop.edn.swp', 'ignored'],
  ['datomic/.#shop.edn', 'ignored'],
  ['datomic/#shop.edn#', 'ignored'],
  ['datomic/4913', 'ignored'],
  ['.DS_Store', 'ignored'],
  ['datomic/viewsx/a.edn', 'foreign', 'no directory'],
  ['datomic/deep/a.edn', 'foreign', 'no directory'],
  ['README.md', 'foreign', 'no directory'],
  ['shop.edn', 'foreign', 'no directory'],
  ['Catalog/shop.properties', 'foreign', 'no directory'],
  ['jvm.config', 'foreign', 'no directory'],
  ['catalog/manifest.json', 'foreign', '.properties'],
  ['catalog/shop.edn', 'foreign', '.properties'],
  ['catalog/shop.properties.bak', 'foreign', '.properties'],
  ['datomic/shop.EDN', 'foreign', '.edn'],
  ['datomic/.edn', 'foreign', 'hidden'],
  ['datomic/.shop.edn', 'foreign', 'hidden'],
  [`datomic/${'x'.repeat(197)}.edn`, 'foreign', '200 bytes'],
  [`datomic/${'ä'.repeat(98)}.edn`, 'metaschema'],
  [`datomic/${'ä'.repeat(99)}.edn`, 'foreign', '200 bytes'],
  ['../datomic/shop.edn', 'foreign', '..'],
  ['datomic/../shop.edn', 'foreign', '..'],
  ['datomic/..', 'foreign', '..'],
  ['./datomic/shop.edn', 'foreign', '.'],
  ['datomic/views/../../../etc/passwd', 'foreign', '..'],
  ['/datomic/shop.edn', 'foreign', 'absolute'],
  ['datomic//shop.edn', 'foreign', 'empty segment'],
  ['datomic\\shop.edn', 'foreign', 'backslash'],
  ['datomic/a\\b.edn', 'foreign', 'backslash'],
  ['datomic/a\0.edn', 'foreign', 'control'],
  ['datomic/a\n.edn', 'foreign', 'control'],
  ['datomic/a\u2028.edn', 'foreign', 'control'],
  ['datomic/a\u0085.edn', 'foreign', 'control'],
  ['datomic/\ud800.edn', 'foreign', 'Unicode'],
];

test.each(rows)('path %j is %s', (path, kind, reason) => {
  const found = classifyPath(path);
  expect(found.kind).toBe(kind);
  expect(found.kind === 'foreign' ? found.reason : '').toContain(reason ?? '');
});

test.each<[string, boolean]>([
  ['acme-prod', true],
  ['q1.analytics_2', true],
  ['A', true],
  ['', false],
  ['..', false],
  ['.hidden', false],
  ['-flag', false],
  ['a b', false],
  ['a\nb', false],
  ['é', false],
  ['x'.repeat(129), false],
])('as a name of a group %j counts: %s', (name, isOne) => {
  expect(isGroupName(name)).toBe(isOne);
});
