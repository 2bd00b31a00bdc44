import { describe, expect, it } from 'vitest';
import { CODES, type IssueCode } from '../../../../agent/core/gate/codes.ts';
import { addSchemaFindings } from '../../../../agent/core/schema/judge.ts';
import { readSchema } from '../../../../agent/core/schema/read-schema.ts';

const define = (ident: string, type: string) =>
  `{:db/ident ${ident} :db/valueType :db.type/${type} :db/cardinality :db.cardinality/one}`;
const SCHEMA = `[${[
  define(':order/id', 'uuid'),
  define(':order/number', 'string'),
  define(':order/buyer', 'ref'),
  define(':customer/id', 'uuid'),
  define(':artist/gid', 'uuid'),
  define(':label/gid', 'uuid'),
  define(':audit/created-at', 'instant'),
].join('\n')}]`;

const ORDERS = '{:tables {:order/id {}}}';

/** What an example that is a command or a list of files stands for. */
const WRITTEN_OUT: Readonly<Partial<Record<IssueCode, readonly string[]>>> = {
  SCHEMA_NO_MATCH: [ORDERS, '{:tables {:invoice/id {}}}'],
  SCHEMA_TABLE_COLLISION: [ORDERS, ORDERS],
  SCHEMA_TOO_MANY_FINDINGS: [
    `{:tables {${Array.from({ length: 201 }, (_, index) => `:a/b${index} {}`).join(' ')}}}`,
  ],
};

const read = (text: string) =>
  readSchema('schema.edn', [{ path: 'schema.edn', bytes: new TextEncoder().encode(text) }]);

function findCodes(code: IssueCode): readonly string[] {
  const { meaning, example } = CODES[code];
  if (meaning.startsWith('in a schema:')) return read(example).issues.map((issue) => issue.code);
  const files = (WRITTEN_OUT[code] ?? [example]).map((text, index) => ({
    path: `datomic/${index}.edn`,
    bytes: new TextEncoder().encode(text),
  }));
  const { schema } = read(SCHEMA);
  return addSchemaFindings([], files, schema === null ? [] : [schema]).map((issue) => issue.code);
}

describe('the table of codes', () => {
  it.each((Object.keys(CODES) as IssueCode[]).filter((code) => code.startsWith('SCHEMA_')))(
    'the example of %s gives it',
    (code) => {
      expect(findCodes(code)).toContain(code);
    },
  );
});
