import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  agreesWithBytes,
  agreesWithListing,
  isInterrupted,
  parseManifest,
  printManifest,
  snapshotId,
} from '../../../agent/core/manifest.ts';
import { makeManifest } from '../../support/manifest.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const encode = (text: string) => new TextEncoder().encode(text);
const SHA = 'a'.repeat(64);
const ENTRY = `"catalog/x.properties":{"size":3,"sha256":"${SHA}"}`;
const AT = '"by":"maria","at":"2026-01-31T11:58:02Z"';

describe('reading a manifest', () => {
  test('a final manifest with all its fields', () => {
    const text = `{"version":1,"files":{"datomic/a.edn":{"size":0,"sha256":"${SHA}"},${ENTRY}},${AT},"allow":["exposure","deletion"]}`;
    expect(parseManifest(encode(text))).toEqual({
      kind: 'final',
      files: [
        { path: 'catalog/x.properties', size: 3, sha256: SHA },
        { path: 'datomic/a.edn', size: 0, sha256: SHA },
      ],
      by: 'maria',
      at: 1_769_860_682_000,
      allow: ['deletion', 'exposure'],
    });
  });

  test('a pending manifest', () => {
    const text = '{"version":1,"pending":{"id":"01H","by":"ci","at":"2026-01-31T11:58:02.250Z"}}';
    expect(parseManifest(encode(text))).toEqual({
      kind: 'pending',
      id: '01H',
      by: 'ci',
      at: 1_769_860_682_250,
    });
  });

  test.each<[title: string, text: string]>([
    ['no files at all', `{"version":1,"files":{},${AT}}`],
    ['keys that a newer CLI may add', `{"version":1,"files":{${ENTRY}},${AT},"tool":"x","signature":{}}`],
    ['no allow', `{"version":1,"files":{${ENTRY}},${AT}}`],
  ])('accepted: %s', (_title, text) => {
    expect(parseManifest(encode(text)).kind).toBe('final');
  });

  test.each<[title: string, text: string | Uint8Array]>([
    ['nothing', ''],
    ['no JSON', '{version:1}'],
    ['half a document', `{"version":1,"files":{${ENTRY}`],
    ['no UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d])],
    ['more than 1 MiB', ' '.repeat(1024 * 1024 + 1)],
    ['brackets a hundred thousand deep', '['.repeat(100_000)],
    ['a list', '[]'],
    ['null', 'null'],
    ['no version', `{"files":{${ENTRY}},${AT}}`],
    ['another version', `{"version":2,"files":{${ENTRY}},${AT}}`],
    ['a version that is text', `{"version":"1","files":{${ENTRY}},${AT}}`],
    ['neither files nor pending', `{"version":1,${AT}}`],
    [
      'both files and pending',
      `{"version":1,"pending":{"id":"i","by":"b","at":"2026-01-31T11:58:02Z"},"files":{}}`,
    ],
    ['a pending that is null', '{"version":1,"pending":null}'],
    ['a pending without id', '{"version":1,"pending":{"by":"b","at":"2026-01-31T11:58:02Z"}}'],
    ['files as a list', `{"version":1,"files":[],${AT}}`],
    ['a file without size', `{"version":1,"files":{"datomic/a.edn":{"sha256":"${SHA}"}},${AT}}`],
    ['a negative size', `{"version":1,"files":{"datomic/a.edn":{"size":-1,"sha256":"${SHA}"}},${AT}}`],
    ['half a byte', `{"version":1,"files":{"datomic/a.edn":{"size":0.5,"sha256":"${SHA}"}},${AT}}`],
    [
      'a size beyond exact numbers',
      `{"version":1,"files":{"datomic/a.edn":{"size":1e300,"sha256":"${SHA}"}},${AT}}`,
    ],
    ['a short sha256', `{"version":1,"files":{"datomic/a.edn":{"size":1,"sha256":"aa"}},${AT}}`],
    [
      'a sha256 in capitals',
      `{"version":1,"files":{"datomic/a.edn":{"size":1,"sha256":"${'A'.repeat(64)}"}},${AT}}`,
    ],
    ['a foreign path', `{"version":1,"files":{"README.md":{"size":1,"sha256":"${SHA}"}},${AT}}`],
    ['a path upwards', `{"version":1,"files":{"datomic/../a.edn":{"size":1,"sha256":"${SHA}"}},${AT}}`],
    ['a path called __proto__', `{"version":1,"files":{"__proto__":{"size":1,"sha256":"${SHA}"}},${AT}}`],
    ['no by', `{"version":1,"files":{},"at":"2026-01-31T11:58:02Z"}`],
    [
      'a by with an escape sequence',
      `{"version":1,"files":{},"by":"\\u001b[2J","at":"2026-01-31T11:58:02Z"}`,
    ],
    [
      'a by as long as a book',
      `{"version":1,"files":{},"by":"${'x'.repeat(300)}","at":"2026-01-31T11:58:02Z"}`,
    ],
    ['a time that is none', '{"version":1,"files":{},"by":"b","at":"yesterday"}'],
    ['a time that is a number', '{"version":1,"files":{},"by":"b","at":1769860682}'],
    ['an unknown permission', `{"version":1,"files":{},${AT},"allow":["everything"]}`],
    ['a permission that is no list', `{"version":1,"files":{},${AT},"allow":"deletion"}`],
    ['a version from the prototype', `{"__proto__":{"version":1,"files":{}},${AT}}`],
  ])('malformed: %s', (_title, text) => {
    const parsed = parseManifest(typeof text === 'string' ? encode(text) : text);
    expect(parsed).toEqual({ kind: 'malformed', reason: expect.any(String) });
    expect(Object.prototype).not.toHaveProperty('version');
  });

  test('no bytes whatever make it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(encode)), (bytes) => {
        expect(['final', 'pending', 'malformed']).toContain(parseManifest(bytes).kind);
      }),
    );
  });

  test('what is printed reads back as the same', () => {
    const paths = fc.constantFrom('catalog/a.properties', 'datomic/b.edn', 'datomic/ü c.edn');
    const files = fc.uniqueArray(fc.tuple(paths, fc.uint8Array()), { selector: ([path]) => path });
    const allow = fc.constantFrom([], ['deletion'] as const, ['deletion', 'exposure'] as const);
    const at = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(files, allow, at, (entries, allowed, when) => {
        const manifest = makeManifest({
          files: entries.map(([path, bytes]) => ({ path, bytes })),
          sha256,
          by: 'maria <m@example.org>',
          at: when,
          allow: allowed,
        });
        expect(parseManifest(encode(printManifest(manifest)))).toEqual(manifest);
        const pending = { kind: 'pending', id: 'x', by: 'ci', at: when } as const;
        expect(parseManifest(encode(printManifest(pending)))).toEqual(pending);
      }),
    );
  });
});

describe('what a manifest agrees with', () => {
  const files = [
    { path: 'datomic/b.edn', bytes: encode('{}') },
    { path: 'catalog/a.properties', bytes: encode('x=1') },
  ];
  const manifest = makeManifest({ files, sha256, by: 'b', at: 0, allow: [] });
  const [first, second] = files.map(({ path, bytes }) => ({ path, size: bytes.length }));
  if (first === undefined || second === undefined) throw new Error('two files');

  test.each<[title: string, listed: { path: string; size: number }[], agrees: boolean]>([
    ['the same', [first, second], true],
    ['another order', [second, first], true],
    ['one less', [first], false],
    ['one more', [first, second, { path: 'datomic/c.edn', size: 0 }], false],
    ['another path', [first, { ...second, path: 'catalog/c.properties' }], false],
    ['another size', [first, { ...second, size: 4 }], false],
  ])('listing with %s', (_title, listed, agrees) => {
    expect(agreesWithListing(manifest, listed)).toBe(agrees);
  });

  test('bytes: the same agree; other content of the same size, one less and one more do not', () => {
    const [b, a] = files;
    if (a === undefined || b === undefined) throw new Error('two files');
    expect(agreesWithBytes(manifest, [a, b], sha256)).toBe(true);
    expect(agreesWithBytes(manifest, [a, { ...b, bytes: encode('[]') }], sha256)).toBe(false);
    expect(agreesWithBytes(manifest, [a], sha256)).toBe(false);
    expect(agreesWithBytes(manifest, [a, b, { path: 'datomic/c.edn', bytes: encode('') }], sha256)).toBe(
      false,
    );
  });
});

describe('the name of a snapshot', () => {
  const hash = (text: string) => sha256(encode(text));

  test('is the sha256 over path NUL sha256 LF in path order', () => {
    const files = [
      { path: 'datomic/b.edn', bytes: encode('{}') },
      { path: 'catalog/a.properties', bytes: encode('x') },
    ];
    const lines = `catalog/a.properties\0${hash('x')}\ndatomic/b.edn\0${hash('{}')}\n`;
    expect(snapshotId(files, sha256)).toBe(hash(lines));
    expect(snapshotId([...files].reverse(), sha256)).toBe(hash(lines));
  });

  test('of nothing is the sha256 of nothing', () => {
    expect(snapshotId([], sha256)).toBe(hash(''));
  });
});

test.each<[ageMs: number, isOld: boolean]>([
  [0, false],
  [15 * 60_000 - 1, false],
  [15 * 60_000, true],
  [-5, false],
])('a lock that is %d ms old is interrupted: %s', (ageMs, isOld) => {
  expect(isInterrupted(1_000_000, 1_000_000 + ageMs)).toBe(isOld);
});
