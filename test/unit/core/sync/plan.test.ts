import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from '../../../../agent/adapters/sha256.ts';
import type { FinalManifest } from '../../../../agent/core/manifest.ts';
import { pathsToRead, planSync } from '../../../../agent/core/sync/plan.ts';
import { makeManifest } from '../../../support/manifest.ts';

const PATHS = [
  'catalog/a.properties',
  'catalog/b.properties',
  'datomic/a.edn',
  'datomic/b.edn',
  'datomic/c.edn',
];
const CONTENTS = ['', 'connector.name=datomic\n', '# a comment\nconnector.name=datomic\n', '{:tables {}}'];
const encode = (text: string) => new TextEncoder().encode(text);

const side = fc.dictionary(fc.constantFrom(...PATHS), fc.constantFrom(...CONTENTS));

it('a plan, carried out, leaves exactly the local files, and touches no file that was right', () => {
  fc.assert(
    fc.property(side, side, side, (local, remote, named) => {
      const here = Object.entries(local).map(([path, text]) => {
        const bytes = encode(text);
        return { path, bytes, sha256: sha256(bytes) };
      });
      // A tag names the content, as an ETag does; the manifest may name versions that are no longer there.
      const there = Object.entries(remote).map(([path, text]) => ({
        path,
        tag: `${path}:${text}`,
        size: text.length,
      }));
      const files = Object.entries(named).map(([path, text]) => ({ path, bytes: encode(text) }));
      const told = makeManifest({ files, sha256, by: 'x', at: 0, allow: [] });
      const manifest: FinalManifest = {
        ...told,
        files: told.files.map((file) => ({ ...file, tag: `${file.path}:${named[file.path]}` })),
      };
      const read = new Map(
        pathsToRead(here, there, manifest).map((path) => [path, encode(remote[path] ?? '')] as const),
      );
      const plan = planSync({ local: here, remote: there, read, proven: null });

      const after = new Map(Object.entries(remote));
      for (const { path, bytes } of plan.uploads) {
        expect(remote[path]).not.toBe(local[path]);
        after.set(path, new TextDecoder().decode(bytes));
      }
      for (const { path } of plan.deletions) after.delete(path);
      expect(Object.fromEntries(after)).toEqual(local);
      expect(plan.uploads.length + plan.unchanged.length).toBe(here.length);
    }),
  );
});

it('a file too large to be configuration is replaced without being read', () => {
  const bytes = encode('{:tables {}}');
  const plan = planSync({
    local: [{ path: 'datomic/a.edn', bytes, sha256: sha256(bytes) }],
    remote: [{ path: 'datomic/a.edn', tag: 't', size: 1e9 }],
    read: new Map([['datomic/a.edn', null]]),
    proven: null,
  });
  expect(plan.uploads).toMatchObject([{ path: 'datomic/a.edn', tag: 't', effect: 'hot-reload' }]);
});

it('what counts as wider is compared with what is proven, where that is known', () => {
  const bytes = encode('connector.name=datomic\n');
  const plan = (proven: string) =>
    planSync({
      local: [{ path: 'catalog/a.properties', bytes, sha256: sha256(bytes) }],
      remote: [{ path: 'catalog/a.properties', tag: 't', size: bytes.length }],
      read: new Map(),
      proven: [
        { path: 'catalog/a.properties', bytes: encode(proven) },
        { path: 'datomic/a.edn', bytes },
      ],
    });
  const held = plan('connector.name=datomic\ndatomic.databases=[a]\n');
  expect(held).toMatchObject({
    uploads: [],
    widened: [{ path: 'catalog/a.properties' }],
    lost: ['datomic/a.edn'],
  });
  expect(plan('connector.name=datomic\n').widened).toEqual([]);
});
