import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSchemaFindings } from '../../../../agent/core/schema/judge.ts';
import { readSchema } from '../../../../agent/core/schema/read-schema.ts';

const file = (text: string, path = 'schema.edn') => ({ path, bytes: new TextEncoder().encode(text) });
const read = (...texts: string[]) =>
  readSchema(
    'schema.edn',
    texts.map((text, index) => file(text, index === 0 ? 'schema.edn' : `more-${index}.edn`)),
  );

/** `:a/b long`, `:a/c many ref`: what was understood, in the order of the text. */
const summarize = (...texts: string[]) =>
  [...(read(...texts).schema?.attributes.values() ?? [])].map(({ ident, isMany, valueType }) =>
    [ident, ...(isMany ? ['many'] : []), valueType?.slice(':db.type/'.length) ?? 'unknown'].join(' '),
  );
const codesOf = (...texts: string[]) =>
  read(...texts).issues.map(({ code, path, line, column }) => `${code} ${path}:${line}:${column}`);

const GID = '{:db/ident :a/gid :db/valueType :db.type/uuid :db/cardinality :db.cardinality/one}';
const TAGS = '{:db/ident :a/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}';

describe('a Datomic schema is read from', () => {
  it.each<[string, string[], string[]]>([
    ['a transaction of maps', [`[${GID} ${TAGS}]`], ['a/gid uuid', 'a/tags many string']],
    [
      'maps with a namespace',
      ['[#:db{:ident :a/n :valueType :db.type/long :cardinality :db.cardinality/one}]'],
      ['a/n long'],
    ],
    ['several transactions in a file', [`[${GID}]\n\n[${TAGS}]`], ['a/gid uuid', 'a/tags many string']],
    ['maps without a transaction around them', [`${GID} ${TAGS}`], ['a/gid uuid', 'a/tags many string']],
    ['a vector inside of a map', [`{:schema [${GID}] :data [{:a/gid 1}]}`], ['a/gid uuid']],
    [
      'norms',
      [`{:my/norm {:txes [[${GID}] [${TAGS}]] :requires [:x]}}`],
      ['a/gid uuid', 'a/tags many string'],
    ],
    [
      'migrations that have an ident themselves',
      [`[{:db/ident :migration/one :txes [[${GID}]]}]`],
      ['a/gid uuid'],
    ],
    [
      'maps with ids of the peer library',
      [
        '[{:db/id #db/id[:db.part/db] :db/ident :a/b :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db.install/_attribute :db.part/db}]',
      ],
      ['a/b many ref'],
    ],
    [
      'the list form with numbered ids',
      [
        `[[:db/add #db/id[:db.part/db -1] :db/ident :a/b] [:db/add #db/id[:db.part/db -1] :db/valueType :db.type/bigdec]
          [:db/add #db/id[:db.part/db -1] :db/cardinality :db.cardinality/many] [:db/add :db.part/db :db.install/attribute #db/id[:db.part/db -1]]]`,
      ],
      ['a/b many bigdec'],
    ],
    [
      'the list form with ids as strings, entities mixed',
      [
        `[[:db/add "x" :db/ident :a/x] [:db/add "y" :db/ident :a/y] [:db/add "y" :db/valueType :db.type/long]
          [:db/add "x" :db/valueType :db.type/uri] (:db/add "x" :db/cardinality :db.cardinality/one) [:db/add "y" :db/cardinality :db.cardinality/many]]`,
      ],
      ['a/x uri', 'a/y many long'],
    ],
    [
      'map and list form about one entity',
      [
        '[{:db/id "x" :db/ident :a/x :db/valueType :db.type/long} [:db/add "x" :db/cardinality :db.cardinality/many]]',
      ],
      ['a/x many long'],
    ],
    [
      'the same temporary id in two transactions: two entities',
      [
        '[[:db/add -1 :db/ident :a/x] [:db/add -1 :db/valueType :db.type/long]] [[:db/add -1 :db/ident :a/y] [:db/add -1 :db/valueType :db.type/uri]]',
      ],
      ['a/x long', 'a/y uri'],
    ],
    [
      'what pull prints',
      [
        '[#:db{:id 72, :ident :a/b, :valueType #:db{:id 23 :ident :db.type/string}, :cardinality {:db/ident :db.cardinality/many}}]',
      ],
      ['a/b many string'],
    ],
    [
      'a tuple',
      [
        '[{:db/ident :a/x+y :db/valueType :db.type/tuple :db/tupleAttrs [:a/x :a/y] :db/cardinality :db.cardinality/one}]',
      ],
      ['a/x+y tuple'],
    ],
    [
      'enumerations, functions and partitions beside it',
      [
        `[${GID} {:db/ident :a.type/x} [:db/add "p" :db/ident :part/p] {:db/ident :my/fn :db/fn #db/fn {:lang :clojure :code "(inc 1)"}}]`,
      ],
      ['a/gid uuid'],
    ],
    ['comments and discarded forms', [`; all\n[#_${TAGS} ${GID}]`], ['a/gid uuid']],
    ['several files', [`[${GID}]`, `[${TAGS}]`], ['a/gid uuid', 'a/tags many string']],
    [
      'a cardinality that changes later',
      [`[${GID}] [{:db/id :a/gid :db/cardinality :db.cardinality/many}]`],
      ['a/gid many uuid'],
    ],
    [
      'a cardinality that changes in list form',
      [`[${GID}]`, '[[:db/add :a/gid :db/cardinality :db.cardinality/many]]'],
      ['a/gid many uuid'],
    ],
    ['an ident that changes later', [`[${GID}] [{:db/id :a/gid :db/ident :a/uuid}]`], ['a/uuid uuid']],
    ['the same definition twice', [`[${GID} ${GID}]`], ['a/gid uuid']],
  ])('%s', (_title, texts, expected) => {
    expect(summarize(...texts)).toEqual(expected.map((line) => `:${line}`));
  });

  it('the mbrainz sample: 66 attributes, without a word', () => {
    const path = 'test/cases/mbrainz/datomic-schema.edn';
    const { schema, issues } = readSchema(path, [{ path, bytes: readFileSync(path) }]);
    expect(issues).toEqual([]);
    expect(schema?.attributes.size).toBe(66);
    expect(schema?.attributes.get(':release/media')).toEqual({
      ident: ':release/media',
      valueType: ':db.type/ref',
      isMany: true,
      definedAt: { path, line: 185, column: 14 },
    });
  });
});

describe('a schema with a mistake', () => {
  it.each<[string, string[], string[]]>([
    ['without an attribute', ['[{:db/ident :a.type/x}]'], ['SCHEMA_NO_ATTRIBUTES schema.edn:0:0']],
    ['that is empty', ['; nothing'], ['SCHEMA_NO_ATTRIBUTES schema.edn:0:0']],
    ['that is a metaschema', ['{:tables {:a/b {}}}'], ['SCHEMA_NO_ATTRIBUTES schema.edn:0:0']],
    ['one bracket short', [`[${GID}`], ['EDN_UNBALANCED schema.edn:1:83']],
    ['in the second file', [`[${GID}]`, `[${TAGS}}`], ['EDN_UNBALANCED more-1.edn:1:88']],
    [
      'with a type that there is not',
      ['[{:db/ident :a/b :db/valueType :db.type/int :db/cardinality :db.cardinality/one}]'],
      ['SCHEMA_BAD_TYPE schema.edn:1:32'],
    ],
    [
      'with a type that is no keyword',
      ['[{:db/ident :a/b :db/valueType 23 :db/cardinality :db.cardinality/one}]'],
      ['SCHEMA_BAD_TYPE schema.edn:1:32'],
    ],
    [
      'with a cardinality that there is not',
      ['[{:db/ident :a/b :db/valueType :db.type/long :db/cardinality :many}]'],
      ['SCHEMA_BAD_CARDINALITY schema.edn:1:62'],
    ],
    [
      'without cardinality',
      ['[{:db/ident :a/b :db/valueType :db.type/long}]'],
      ['SCHEMA_INCOMPLETE_ATTRIBUTE schema.edn:1:13'],
    ],
    [
      'without a name',
      [`[${GID} {:db/valueType :db.type/long}]`],
      ['SCHEMA_INCOMPLETE_ATTRIBUTE schema.edn:1:85'],
    ],
    [
      'that gives an attribute a second type',
      [`[${GID}]`, '[{:db/ident :a/gid :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]'],
      ['SCHEMA_TYPE_CONFLICT more-1.edn:1:34'],
    ],
  ])('%s: it is said where', (_title, texts, expected) => {
    expect(codesOf(...texts)).toEqual(expected);
  });

  it('names what was probably meant', () => {
    const [issue] = read(
      '[{:db/ident :a/b :db/valueType :string :db/cardinality :db.cardinality/one}]',
    ).issues;
    expect(issue).toMatchObject({
      message: ':string is no type of Datomic',
      hint: 'did you mean :db.type/string ?',
    });
  });

  it('is no schema when its brackets do not match: nothing is checked against a guess', () => {
    expect(read(`[${GID}`).schema).toBeNull();
  });

  it('is still one when one attribute is wrong', () => {
    const text = `[${GID} {:db/ident :a/b :db/valueType :db.type/int :db/cardinality :db.cardinality/many}]`;
    expect(summarize(text)).toEqual([':a/gid uuid', ':a/b many unknown']);
  });

  it('ends after 200 findings', () => {
    const text = `[${Array.from({ length: 300 }, (_, index) => `{:db/ident :a/b${index} :db/valueType :x}`).join('\n')}]`;
    expect(read(text).issues.at(-1)?.code).toBe('SCHEMA_TOO_MANY_FINDINGS');
    expect(read(text).issues).toHaveLength(201);
  });
});

it('a mutated schema is read or refused, never a crash, and the rules hold it against a metaschema', () => {
  const text = readFileSync('test/cases/mbrainz/datomic-schema.edn', 'utf8').slice(0, 4_000);
  const metaschema = readFileSync('test/cases/mbrainz/input/datomic/mbrainz.edn');
  const pieces = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '#',
    '"',
    ' :db/id ',
    ' :db/ident ',
    ' nil ',
    '[:db/add "x" ',
    '#:db{',
    '',
  );
  const place = fc.integer({ min: 0, max: text.length });
  const edit = fc.tuple(place, fc.integer({ min: 0, max: 12 }), pieces);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const mutated = edits.reduce(
        (now, [at, cut, piece]) => now.slice(0, at) + piece + now.slice(at + cut),
        text,
      );
      const { schema, issues } = read(mutated);
      const found = addSchemaFindings(
        [],
        [{ path: 'datomic/mbrainz.edn', bytes: metaschema }],
        schema === null ? [] : [schema],
      );
      expect(schema !== null || issues.some(({ severity }) => severity === 'error')).toBe(true);
      expect(found.every(({ line, hint }) => line > 0 && hint !== '')).toBe(true);
    }),
    { numRuns: 300 },
  );
});
