import { expect, test } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { composeRelease } from '../../../agent/core/compose.ts';
import { releaseDigest, snapshotIdOf } from '../../../agent/core/digest.ts';
import type { Release } from '../../../agent/core/release.ts';
import { ENGINE_TEXTS, layOut, textOf } from '../../support/releases.ts';

const proven = layOut(
  {
    ...ENGINE_TEXTS,
    'catalog/good.properties': 'connector.name=datomic\n',
    'datomic/old.edn': '{:old 1}',
    'datomic/both.edn': '{:both 1}',
  },
  { fingerprint: 'a'.repeat(64), at: 1, kept: ['catalog/good.properties', 'datomic/old.edn'] },
);
const desired = layOut(
  {
    ...ENGINE_TEXTS,
    'jvm.config': '-Xmx2g\n',
    'catalog/bad.properties': 'connector.name=bad\n',
    'datomic/both.edn': '{:both 2}',
    'datomic/new.edn': '{:new 1}',
  },
  { fingerprint: 'b'.repeat(64), at: 2, kept: ['catalog/bad.properties', 'datomic/new.edn'] },
);
const composite = composeRelease({ desired, proven, sha256 });

test('it has the metaschemas of the desired release, and catalogs and engine files of the proven one', () => {
  expect(composite.etc.map((file) => file.path)).toEqual([
    'catalog/good.properties',
    'config.properties',
    'datomic/both.edn',
    'datomic/new.edn',
    'jvm.config',
    'node.properties',
  ]);
  expect(textOf(composite.etc, 'datomic/both.edn')).toBe('{:both 2}');
  expect(textOf(composite.etc, 'jvm.config')).toBe('-Xmx1g\n');
  expect(composite.source.map((file) => file.path)).toEqual([
    'catalog/good.properties',
    'datomic/both.edn',
    'datomic/new.edn',
  ]);
});

test('it needs no restart: fingerprint, catalogs and inputs are those of the proven release', () => {
  expect(composite.facts.fingerprint).toBe(proven.facts.fingerprint);
  expect(composite.facts.catalogs).toEqual(proven.facts.catalogs);
  expect(composite.inputs).toEqual(proven.inputs);
});

test('it has a name and a snapshot of its own, and the origin of who asked', () => {
  expect(composite.facts.digest).toBe(releaseDigest(composite, sha256));
  expect(composite.facts.snapshot).toBe(snapshotIdOf(composite.source, sha256));
  expect([proven.facts.snapshot, desired.facts.snapshot]).not.toContain(composite.facts.snapshot);
  expect(composite.facts.origin).toEqual(desired.facts.origin);
});

test('kept are the kept metaschemas of the one and the kept catalogs of the other', () => {
  expect(composite.kept).toEqual(['catalog/good.properties', 'datomic/new.edn']);
});

test('metaschemas of another group go onto no catalogs', () => {
  const other: Release = { ...desired, facts: { ...desired.facts, group: 'other' } };
  expect(composeRelease({ desired: other, proven, sha256 })).toBe(proven);
});
