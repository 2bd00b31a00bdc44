import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import {
  baselineContentId,
  isNewerBaseline,
  MAX_BASELINE_BYTES,
  parseBaseline,
  printBaseline,
  type SavedBaseline,
} from '../../../agent/core/baseline-document.ts';
import type { SnapshotId } from '../../../agent/core/types.ts';
import { sourceFile } from '../../support/releases.ts';

const snapshot = 's'.repeat(64) as SnapshotId;
const orders = sourceFile('datomic/orders.edn', '{:tables {:order/id {}}}');
const shop = { path: 'catalog/shop.properties', bytes: Uint8Array.from([0x63, 0xe9, 0x0a, 0x00, 0xff]) };

const SAVED: SavedBaseline = {
  group: 'acme',
  changedAt: 5,
  by: { instance: 'i-1', agent: '0.1.0' },
  markAt: 4,
  proven: { snapshot, origin: { at: 1, by: 'ann' }, kept: [orders.path], files: [shop, orders] },
  kept: { snapshot, at: 2, files: [orders] },
  exposure: { snapshot, paths: [{ path: shop.path, reason: 'all databases' }], at: 3 },
  acknowledgements: [
    { kind: 'deletion', snapshot, paths: [{ path: orders.path, reason: null }], at: 3, by: 'ann' },
  ],
};

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, group = 'acme') => parseBaseline(bytesOf(text), group, sha256);
const asJson = (saved: SavedBaseline) => JSON.parse(printBaseline(saved, sha256));

describe('a saved baseline', () => {
  it.each([
    ['with everything', SAVED],
    ['with nothing proven yet', { ...SAVED, proven: null, kept: null, exposure: null, acknowledgements: [] }],
    ['of a group that is not in force', { ...SAVED, markAt: null }],
  ])('%s is read back as it was printed', (_, saved) => {
    expect(parse(printBaseline(saved, sha256))).toEqual({ kind: 'saved', saved });
  });

  it('holds a file that is both proven and kept once', () => {
    expect(Object.keys(asJson(SAVED).contents)).toHaveLength(2);
  });

  it('of any bytes is read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200_000 }), (bytes) => {
        const files = [{ path: 'datomic/a.edn', bytes }];
        const saved = {
          ...SAVED,
          proven: { snapshot, origin: { at: 1, by: 'x' }, kept: [], files },
          kept: null,
        };
        expect(parse(printBaseline(saved, sha256))).toEqual({ kind: 'saved', saved });
      }),
      { numRuns: 20 },
    );
  });

  it('of a later build of the same version is read, its new fields passed over', () => {
    const text = JSON.stringify({ ...asJson(SAVED), colour: 'red', by: { ...SAVED.by, shoe: 42 } });
    expect(parse(text)).toEqual({ kind: 'saved', saved: SAVED });
  });

  it('of a later version is not used, and named', () => {
    expect(parse('{"version":2,"files":"otherwise"}')).toEqual({ kind: 'newer', version: 2 });
  });

  it('with equal content has an equal id, whoever wrote it and when', () => {
    const other = { ...SAVED, changedAt: 99, by: { instance: 'i-2', agent: '9' } };
    expect(baselineContentId(other, sha256)).toBe(baselineContentId(SAVED, sha256));
    expect(baselineContentId({ ...SAVED, kept: null }, sha256)).not.toBe(baselineContentId(SAVED, sha256));
  });

  it.each([
    ['the source was further', { markAt: 9, changedAt: 1 }, { markAt: 8, changedAt: 2 }, true],
    [
      'the source was as far, and it is later',
      { markAt: 8, changedAt: 3 },
      { markAt: 8, changedAt: 2 },
      true,
    ],
    ['both are equal', { markAt: 8, changedAt: 2 }, { markAt: 8, changedAt: 2 }, false],
    ['the other was in force', { markAt: null, changedAt: 3 }, { markAt: 8, changedAt: 2 }, false],
  ])('is newer or not: %s', (_, one, other, isNewer) => {
    expect(isNewerBaseline({ ...SAVED, ...one }, { ...SAVED, ...other })).toBe(isNewer);
  });
});

describe('what is no baseline is said to be malformed, and never quoted', () => {
  const secret = 'hunter2-secret';
  const change = (edit: (document: Record<string, never>) => object) =>
    JSON.stringify({ ...asJson(SAVED), ...edit(asJson(SAVED)) });
  const rows: readonly [string, string][] = [
    ['nothing', ''],
    ['half a document', printBaseline(SAVED, sha256).slice(0, 300)],
    ['no JSON', `password=${secret}`],
    ['a list', '[]'],
    ['no version', change(() => ({ version: undefined }))],
    ['a version of words', change(() => ({ version: secret }))],
    ['of another group', change(() => ({ group: secret }))],
    ['a mark beyond all numbers', printBaseline(SAVED, sha256).replace('"markAt":4', '"markAt":1e999')],
    ['contents that are gone', change(() => ({ contents: {} }))],
    [
      'contents that are others',
      change(({ contents }) => ({
        contents: Object.fromEntries(Object.keys(contents ?? {}).map((name) => [name, btoa(secret)])),
      })),
    ],
    [
      'contents that are no base64',
      change(({ contents }) => ({
        contents: Object.fromEntries(Object.keys(contents ?? {}).map((name) => [name, '%%%'])),
      })),
    ],
    [
      'a name that is no sha256',
      change(() => ({ kept: { snapshot, at: 1, files: { 'datomic/a.edn': '../x' } } })),
    ],
    ...[
      '../../etc/passwd',
      '/etc/passwd',
      'config.properties',
      'datomic/../x.edn',
      '__proto__',
      'manifest.json',
    ].map((path): [string, string] => [
      `a path ${path}`,
      change(({ contents }) => ({
        kept: {
          snapshot,
          at: 1,
          files: JSON.parse(`{${JSON.stringify(path)}:"${Object.keys(contents ?? {})[0]}"}`),
        },
      })),
    ]),
    ['files that are a list', change(() => ({ kept: { snapshot, at: 1, files: [secret] } }))],
  ];
  it.each(rows)('%s', (_, text) => {
    const parsed = parse(text);
    expect(parsed).toEqual({ kind: 'malformed', reason: expect.any(String) });
    expect(JSON.stringify(parsed)).not.toContain(secret);
  });

  it('bytes that are no UTF-8', () => {
    expect(parseBaseline(Uint8Array.from([0xff, 0xfe]), 'acme', sha256)).toMatchObject({ kind: 'malformed' });
  });

  it('more than is read of any', () => {
    const parsed = parseBaseline(new Uint8Array(MAX_BASELINE_BYTES + 1), 'acme', sha256);
    expect(parsed).toMatchObject({ kind: 'malformed', reason: expect.stringContaining('larger') });
  });
});
