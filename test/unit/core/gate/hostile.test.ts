import { describe, expect, it } from 'vitest';
import { gate, measureGate } from '../../../../agent/core/gate/gate.ts';
import type { Issue } from '../../../../agent/core/issue.ts';

const COUNT = 100_000;
const FEW = 10_000;
const repeat = (make: (index: number) => string) =>
  Array.from({ length: COUNT }, (_, index) => make(index)).join(' ');
const judge = (path: string, content: string | Uint8Array) => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return measureGate([{ path, bytes }], { connectors: ['datomic'] });
};
const places = (issues: readonly Issue[]) =>
  issues.map(({ code, line, column }) => `${code} ${line}:${column}`);

describe('a metaschema made to hurt is read, or refused with a place', () => {
  it.each([
    ['10^5 opened lists', '('.repeat(COUNT), ['EDN_TOO_DEEP 1:201']],
    ['10^5 opened maps over lines', '{\n'.repeat(COUNT), ['EDN_TOO_DEEP 201:1']],
    ['10^5 discards in a row', '#_ '.repeat(COUNT), ['EDN_TOO_DEEP 1:601']],
    ['10^5 tags in a row', '#a '.repeat(COUNT), ['EDN_TOO_DEEP 1:601']],
    ['10^5 metadata in a row', '^:a '.repeat(COUNT), ['EDN_TOO_DEEP 1:801']],
    ['10^5 closers', ')'.repeat(COUNT), ['EDN_UNBALANCED 1:1']],
    ['10^5 tables', `{:tables {${repeat((index) => `:n${index}/id {}`)}}}`, []],
    ['10^5 joins', `{:tables {:a/id {}} :joins {${repeat((index) => `:a/r${index} a`)}}}`, []],
    ['10^5 included attributes', `{:tables {:a/id {:include [${repeat((index) => `:b/r${index}`)}]}}}`, []],
    ['10^5 comments', `{:tables {:a/id {}}} ${';\n'.repeat(COUNT)}`, []],
    ['carriage returns alone', '{:tables\r{:a/id\r{}\r:b/id {}}}', []],
    ['a name of 10^5 characters', `{:tables {:${'a'.repeat(COUNT)}/id {}}}`, []],
    ['a bidirectional control in a comment', '{:tables {:a/id {}}} ; \u202e\n', []],
    ['lone surrogates, as UTF-8 cannot hold them', '{:tables {:a/\ud800 {}}}', []],
  ])('%s', (_title, text, expected) => {
    const { issues, steps } = judge('datomic/x.edn', text);
    expect(places(issues)).toEqual(expected);
    expect(steps).toBeLessThan(12 * text.length + 1_000);
  });

  it('of 10^5 mistakes the first 200 are told, and that there are more', () => {
    const { issues } = judge('datomic/x.edn', `{:tables {${repeat((index) => `:n${index} {}`)}}}`);
    expect(issues).toHaveLength(201);
    expect(issues.at(-1)?.code).toBe('METASCHEMA_TOO_MANY_FINDINGS');
  });

  it('of 10^5 bad names 100 are told, and that there are more', () => {
    const { issues } = judge('datomic/x.edn', `[${'::a '.repeat(COUNT)}]`);
    expect(issues.filter(({ code }) => code === 'EDN_BAD_TOKEN')).toHaveLength(100);
    expect(issues.map(({ code }) => code)).toContain('EDN_TOO_MANY_FAULTS');
  });

  it.each([
    ['a byte that begins nothing', [0x80], 1],
    ['an overlong slash', [0xc0, 0xaf], 1],
    ['an overlong slash of three', [0xe0, 0x80, 0xaf], 1],
    ['a surrogate', [0xed, 0xa0, 0x80], 1],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], 1],
    ['a character that ends too early', [0xc3, 0xa9, 0xe2, 0x82], 2],
    [
      'after characters of two, three and four bytes',
      [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff],
      5,
    ],
  ])('no UTF-8: %s', (_title, bytes, column) => {
    const text = Uint8Array.of(...new TextEncoder().encode('{:tables {:a/id {}}}\n;'), ...bytes);
    expect(places(judge('datomic/x.edn', text).issues)).toEqual([`EDN_NOT_UTF8 2:${column + 1}`]);
  });
});

describe('a catalog made to hurt is read, or refused with a place', () => {
  const LISTED = 'connector.name=datomic\ndatomic.databases=';
  it.each([
    ['10^4 databases', `${LISTED}[${Array.from({ length: FEW }, (_, index) => `d${index}`).join(' ')}]`, []],
    ['10^4 openers in the list', `${LISTED}${'['.repeat(FEW)}`, ['CATALOG_DATABASES_NOT_A_LIST 2:219']],
    ['10^4 continued lines', `${LISTED}[a\\\n${' \\\n'.repeat(FEW)}b]`, []],
    ['10^4 comments', `${'#\n'.repeat(FEW)}${LISTED}[a]`, []],
    ['10^4 backslashes', `${LISTED}[a]\nx.y=${'\\'.repeat(FEW)}`, ['CATALOG_UNKNOWN_PROPERTY 3:1']],
    [
      '10^5 keys',
      Array.from({ length: COUNT }, (_, index) => `a${index}=1`).join('\n'),
      ['PROPERTIES_TOO_LARGE 0:0'],
    ],
    ['a line of 10^4 blanks', `${LISTED}[a]\n${' '.repeat(FEW)}`, []],
    ['carriage returns alone', 'connector.name=datomic\rdatomic.databases=[a]\r', []],
    ['mixed line ends', '\r\n\r\n\n\rconnector.name\r\n', ['CATALOG_NOT_KEY_VALUE 5:1']],
  ])('%s', (_title, text, expected) => {
    const { issues, steps } = judge('catalog/x.properties', text);
    expect(places(issues)).toEqual(expected);
    expect(steps).toBeLessThan(12 * text.length + 1_000);
  });

  it('of 10^4 broken lines the first 200 are told, and that there are more', () => {
    const { issues } = judge(
      'catalog/x.properties',
      Array.from({ length: FEW }, (_, index) => `a${index}`).join('\n'),
    );
    expect(issues).toHaveLength(201);
    expect(issues.at(-1)?.code).toBe('CATALOG_TOO_MANY_FINDINGS');
  });
});

it('what is neither catalog nor metaschema is not judged', () => {
  const bytes = new TextEncoder().encode('{');
  const files = ['config.properties', 'datomic/.x.edn', 'datomic/views/x.edn'].map((path) => ({
    path,
    bytes,
  }));
  expect(gate(files, { connectors: ['datomic'] })).toEqual([]);
});

it('findings come by path, line and column, whatever the order of the files', () => {
  const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) });
  const files = [
    file('datomic/b.edn', '{:tables {:b {} :a {}}}'),
    file('datomic/a.edn', '[\n'),
    file('catalog/x.properties', 'x\nconnector.name=y'),
  ];
  const found = gate(files, { connectors: ['datomic'] }).map(
    ({ path, line, column }) => `${path}:${line}:${column}`,
  );
  expect(found).toEqual([
    'catalog/x.properties:1:1',
    'catalog/x.properties:2:16',
    'datomic/a.edn:1:1',
    'datomic/b.edn:1:11',
    'datomic/b.edn:1:17',
  ]);
  expect(gate(files.toReversed(), { connectors: ['datomic'] })).toEqual(
    gate(files, { connectors: ['datomic'] }),
  );
});
