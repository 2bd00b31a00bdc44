import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import Ajv from 'ajv';

const require = createRequire(import.meta.url);
const readJson = (file: string): object => JSON.parse(readFileSync(file, 'utf8'));
const HOME = path.dirname(require.resolve('@microsoft/jest-sarif/package.json'));

/** What the published JSON schema of SARIF 2.1.0 finds wrong with a document; empty when it is valid. */
export function findSarifFaults(document: unknown): readonly string[] {
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true, unknownFormats: ['uri-reference'] });
  ajv.addMetaSchema(readJson(require.resolve('ajv/lib/refs/json-schema-draft-04.json')));
  const schema = readJson(path.join(HOME, 'lib/schemas/sarif-2.1.0-rtm.5.json'));
  ajv.validate(schema, document);
  return (ajv.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}
