import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gate } from '../../../../agent/core/gate/gate.ts';
import type { Issue } from '../../../../agent/core/issue.ts';
import { addSchemaFindings } from '../../../../agent/core/schema/judge.ts';
import { readSchema } from '../../../../agent/core/schema/read-schema.ts';

// Each folder has metaschemas as they could lie in a source, one or more schemas, and all that is said about them. A
// new expectation is written by hand, or taken over from the message of the failing test and read.
const ROOT = 'test/cases/schema';

function judge(name: string): readonly Issue[] {
  const at = (...parts: string[]) => path.posix.join(ROOT, name, ...parts);
  const files = readdirSync(at('input/datomic'))
    .sort()
    .map((file) => ({ path: `datomic/${file}`, bytes: readFileSync(at('input/datomic', file)) }));
  const readings = readdirSync(at())
    .filter((file) => file.endsWith('.edn'))
    .sort()
    .map((file) => readSchema(file, [{ path: file, bytes: readFileSync(at(file)) }]));
  const schemas = readings.flatMap(({ schema }) => schema ?? []);
  const found = gate(files, { connectors: ['datomic'] });
  return [...readings.flatMap(({ issues }) => issues), ...addSchemaFindings(found, files, schemas)];
}

describe('the gate with a Datomic schema', () => {
  it.each(readdirSync(ROOT).sort())('%s: finds exactly what is expected', (name) => {
    const file = path.join(ROOT, name, 'expected-issues.json');
    const found = judge(name);
    expect(existsSync(file), `${file} is missing; found ${JSON.stringify(found, null, 2)}`).toBe(true);
    expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  it('has nothing to say about the mbrainz sample with its schema', () => {
    const read = (dir: string, file: string) => ({
      path: file,
      bytes: readFileSync(`test/cases/mbrainz/${dir}${file}`),
    });
    const files = ['catalog/mbrainz.properties', 'datomic/mbrainz.edn'].map((file) => read('input/', file));
    const { schema, issues } = readSchema('datomic-schema.edn', [read('', 'datomic-schema.edn')]);
    expect(issues).toEqual([]);
    const found = gate(files, { connectors: ['datomic'] });
    expect(addSchemaFindings(found, files, schema === null ? [] : [schema])).toEqual([]);
    expect(schema).not.toBeNull();
  });
});
