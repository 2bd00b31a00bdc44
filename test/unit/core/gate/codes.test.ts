import { describe, expect, it } from 'vitest';
import { CODES, type IssueCode } from '../../../../agent/core/gate/codes.ts';
import { gate } from '../../../../agent/core/gate/gate.ts';

/** What an example with dots in it stands for, and bytes that no text can show. */
const WRITTEN_OUT: Readonly<Partial<Record<IssueCode, string | Uint8Array>>> = {
  EDN_TOO_DEEP: '['.repeat(201),
  EDN_TOO_LARGE: `[${'1 '.repeat(1_000_001)}]`,
  EDN_TOO_MANY_FAULTS: `[${'::a '.repeat(101)}]`,
  EDN_NOT_UTF8: Uint8Array.of(0x3b, 0x20, 0x63, 0x61, 0x66, 0xe9),
  PROPERTIES_TOO_LARGE: '#'.repeat(2 ** 17 + 1),
  METASCHEMA_TOO_MANY_FINDINGS: `{:tables {${Array.from({ length: 201 }, (_, index) => `:a${index} {}`).join(' ')}}}`,
  CATALOG_TOO_MANY_FINDINGS: Array.from({ length: 201 }, (_, index) => `a${index}`).join('\n'),
};
const CONNECTOR = 'connector.name=datomic\n';

function findCodes(code: IssueCode): readonly string[] {
  const text = WRITTEN_OUT[code] ?? CODES[code].example;
  const isPath = typeof text === 'string' && text.startsWith('catalog/');
  const isCatalog = /^(?:CATALOG|PROPERTIES)_/.test(code);
  const needsConnector =
    isCatalog &&
    typeof text === 'string' &&
    !text.includes('connector.name') &&
    code !== 'CATALOG_NO_CONNECTOR';
  const path = isPath ? text : isCatalog ? 'catalog/x.properties' : 'datomic/x.edn';
  const content = isPath ? CONNECTOR : needsConnector ? CONNECTOR + text : text;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return gate([{ path, bytes }], { connectors: ['datomic'] }).map((issue) => issue.code);
}

/** Found by what reads the source, by the agent that renders, or with a schema; not in the files alone. */
const ELSEWHERE = /^SOURCE_|^SCHEMA_|^CATALOG_ENDPOINT_UNKNOWN$/;
const codes = (Object.keys(CODES) as IssueCode[]).filter((code) => !ELSEWHERE.test(code));

describe('the table of codes', () => {
  it.each(codes)('the example of %s gives it', (code) => {
    expect(findCodes(code)).toContain(code);
  });

  it('has meaning, example and remedy for every code, each on one line', () => {
    for (const { meaning, example, remedy } of Object.values(CODES)) {
      expect(meaning).toMatch(/^[^\n|]{10,}[^.]$/);
      expect(remedy).toMatch(/^[^\n|]{5,}[^.]$/);
      expect(example).not.toBe('');
    }
  });
});
