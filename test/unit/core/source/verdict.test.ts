import { expect, test } from 'vitest';
import type { ManifestParse } from '../../../../agent/core/manifest.ts';
import { describeGroup } from '../../../../agent/core/source/listing.ts';
import { judgeGroup } from '../../../../agent/core/source/verdict.ts';

const LIMITS = { fileSizeBytes: 100, files: 2, totalBytes: 150 };
const SHA = '0'.repeat(64);
const file = (path: string, size = 3) => ({ group: 'g', path, tag: 't', size, modifiedAt: 50 });
const final = (...files: { path: string; size: number }[]): ManifestParse => ({
  kind: 'final',
  files: files.map(({ path, size }) => ({ path, size, sha256: SHA })),
  by: 'maria',
  at: 60,
  allow: [],
});
const pending: ManifestParse = { kind: 'pending', id: 'i', by: 'ci', at: 7 };
const malformed: ManifestParse = { kind: 'malformed', reason: 'is not JSON in UTF-8' };
const A = file('datomic/a.edn');
const M = file('manifest.json', 9);

const rows: readonly {
  title: string;
  objects: ReturnType<typeof file>[];
  manifest?: ManifestParse;
  isDisputed?: boolean;
  at: number;
  kind: string;
  codes?: string[];
}[] = [
  { title: 'no manifest, too early', objects: [A], at: 99, kind: 'settling' },
  { title: 'no manifest, time is over', objects: [A], at: 100, kind: 'complete' },
  { title: 'an empty group, too early', objects: [], at: 99, kind: 'settling' },
  { title: 'an empty group, time is over', objects: [], at: 100, kind: 'complete' },
  { title: 'an agreeing manifest, at once', objects: [A, M], manifest: final(A), at: 0, kind: 'complete' },
  {
    title: 'a pending manifest, whatever the time',
    objects: [A, M],
    manifest: pending,
    at: 999,
    kind: 'pending',
  },
  {
    title: 'a manifest of another size, too early',
    objects: [A, M],
    manifest: final({ ...A, size: 4 }),
    at: 99,
    kind: 'settling',
  },
  {
    title: 'a manifest of another size, time is over',
    objects: [A, M],
    manifest: final({ ...A, size: 4 }),
    at: 100,
    kind: 'complete',
    codes: ['SOURCE_MANIFEST_DISAGREES'],
  },
  {
    title: 'a manifest that names a file more',
    objects: [A, M],
    manifest: final(A, file('datomic/b.edn')),
    at: 0,
    kind: 'settling',
  },
  {
    title: 'a manifest that names a file less',
    objects: [A, file('datomic/b.edn'), M],
    manifest: final(A),
    at: 0,
    kind: 'settling',
  },
  {
    title: 'a foreign object beside an agreeing manifest',
    objects: [A, M, file('README.md')],
    manifest: final(A),
    at: 0,
    kind: 'complete',
    codes: ['SOURCE_FOREIGN_PATH'],
  },
  {
    title: 'a manifest whose sha256 was found wrong, too early',
    objects: [A, M],
    manifest: final(A),
    isDisputed: true,
    at: 99,
    kind: 'settling',
  },
  {
    title: 'a manifest whose sha256 was found wrong, time is over',
    objects: [A, M],
    manifest: final(A),
    isDisputed: true,
    at: 100,
    kind: 'complete',
    codes: ['SOURCE_MANIFEST_DISAGREES'],
  },
  {
    title: 'a malformed manifest, too early',
    objects: [A, M],
    manifest: malformed,
    at: 99,
    kind: 'settling',
  },
  {
    title: 'a malformed manifest, time is over',
    objects: [A, M],
    manifest: malformed,
    at: 100,
    kind: 'complete',
    codes: ['SOURCE_MANIFEST_MALFORMED'],
  },
  { title: 'over a limit, too early', objects: [file('datomic/a.edn', 101)], at: 99, kind: 'settling' },
  {
    title: 'over a limit, time is over',
    objects: [file('datomic/a.edn', 101)],
    at: 100,
    kind: 'over-limit',
    codes: ['SOURCE_FILE_TOO_LARGE'],
  },
  {
    title: 'over a limit with an agreeing manifest',
    objects: [file('datomic/a.edn', 101), M],
    manifest: final(file('datomic/a.edn', 101)),
    at: 0,
    kind: 'over-limit',
    codes: ['SOURCE_FILE_TOO_LARGE'],
  },
  {
    title: 'a large view, which is not read',
    objects: [A, file('datomic/views/v', 9_999)],
    at: 100,
    kind: 'complete',
  },
  {
    title: 'a large foreign object, which is not read',
    objects: [A, file('huge.bin', 9_999)],
    at: 100,
    kind: 'complete',
    codes: ['SOURCE_FOREIGN_PATH'],
  },
];

test.each(rows)('$title: $kind', ({ objects, manifest, isDisputed = false, at, kind, codes }) => {
  const verdict = judgeGroup({
    listing: describeGroup('g', objects),
    manifest: manifest ?? null,
    isDisputed,
    at,
    settledAt: 100,
    limits: LIMITS,
  });
  expect(verdict.kind).toBe(kind);
  expect('issues' in verdict ? verdict.issues.map(({ code }) => code) : []).toEqual(codes ?? []);
});

test('the age of a lock is by the clock of the source, not by that of whoever syncs', () => {
  const listing = describeGroup('g', [A, M]);
  const verdict = judgeGroup({
    listing,
    manifest: pending,
    isDisputed: false,
    at: 0,
    settledAt: 0,
    limits: LIMITS,
  });
  expect(verdict).toMatchObject({ kind: 'pending', lockedAt: 50, pending: { at: 7 } });
});
