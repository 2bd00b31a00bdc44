import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../../agent/core/gate/codes.ts';
import { type CliRun, runCli } from '../../support/cli.ts';
import { findSarifFaults } from '../../support/sarif-schema.ts';
import { makeScratch } from '../../support/scratch.ts';

const CASES = ['test/cases/gate', 'test/cases/schema'].flatMap((root) =>
  readdirSync(root).map((name) => `${root}/${name}/input`),
);
const MBRAINZ = 'test/cases/mbrainz/datomic-schema.edn';
const ORDERS = 'test/cases/schema/membership-misspelt';

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeScratch();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  }
  return dir;
}

const validate = (dirs: readonly string[], format: string, ...rest: string[]): Promise<CliRun> =>
  runCli(['validate', ...dirs, '--format', format, ...rest]);

describe('validate --format github', () => {
  it('annotates the lines of the checkout', async () => {
    const { stdout, exitCode } = await validate(
      [`${ORDERS}/input`],
      'github',
      '--schema',
      `${ORDERS}/schema.edn`,
    );
    const file = `${ORDERS}/input/datomic/shop.edn`;
    expect(stdout.split('\n')).toEqual([
      `::error file=${file},line=2,col=3,title=SCHEMA_MISSING_MEMBERSHIP:::order/nubmer is not in ${ORDERS}/schema.edn: no table of this metaschema appears%0Adid you mean :order/number ?`,
      `::error file=${file},line=5,col=10,title=SCHEMA_UNKNOWN_ATTRIBUTE:::order/custmer is not in ${ORDERS}/schema.edn%0Adid you mean :order/customer ?`,
      '',
    ]);
    expect(exitCode).toBe(65);
  });

  it('prints nothing when there is nothing to say', async () => {
    expect(await validate(['test/cases/mbrainz/input'], 'github', '--schema', MBRAINZ)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('gives what concerns a whole file no line, and a warning its own command', async () => {
    const dir = await write({ 'catalog/shop.properties': 'connector.name=datomic\n' });
    const { stdout } = await validate([dir], 'github');
    expect(stdout).toMatch(/^::warning file=[^,]*catalog\/shop\.properties,title=CATALOG_ALL_DATABASES::no /);
  });

  it('lets neither file names nor texts end a line or begin a command', async () => {
    const dir = await write({
      'datomic/100%, a:b::error::x.edn': '{:tables {:order/id {:name "a\n::add-mask::b"}}}',
    });
    const { stdout } = await validate([dir], 'github');
    expect(stdout.split('\n').map((line) => line.slice(0, 8))).toEqual(['::error ', '']);
    expect(stdout).toContain('datomic/100%25%2C a%3Ab%3A%3Aerror%3A%3Ax.edn,line=1');
  });
});

describe('validate --format sarif', () => {
  it.each<[string, string[]]>([
    ['a valid directory', ['test/cases/mbrainz/input', '--schema', MBRAINZ]],
    ['an invalid one', [`${ORDERS}/input`, '--schema', `${ORDERS}/schema.edn`]],
    ['all cases of the gate', CASES],
    ['an empty directory', ['test/example/catalog']],
    ['a schema that is none', ['test/example', '--schema', 'test/cases/schema/schema-is-none/schema.edn']],
  ])('%s: the output is valid by the published schema', async (_title, args) => {
    const { stdout } = await runCli(['validate', ...args, '--format', 'sarif']);
    expect(findSarifFaults(JSON.parse(stdout))).toEqual([]);
  });

  it('the schema would find a fault', () => {
    expect(findSarifFaults({ version: '2.1.0', runs: [{ results: [] }] })).not.toEqual([]);
  });

  it('has a rule with help for every code, and a result for every finding', async () => {
    const [sarif, json] = await Promise.all([validate(CASES, 'sarif'), validate(CASES, 'json')]);
    const [run] = JSON.parse(sarif.stdout).runs;
    const { rules, version } = run.tool.driver;
    expect(version).toBe('1.2.3');
    expect(rules.map(({ id }: { id: string }) => id)).toEqual(Object.keys(CODES));
    const { issues } = JSON.parse(json.stdout);
    expect(run.results).toHaveLength(issues.length);
    for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex].id).toBe(ruleId);
  });

  it('names the file as a URI, and line and column', async () => {
    const dir = await write({ 'datomic/a b#1.edn': '{:tables {:id {}}}' });
    const { stdout } = await validate([dir], 'sarif');
    const [{ results }] = JSON.parse(stdout).runs;
    const { artifactLocation, region } = results[0].locations[0].physicalLocation;
    expect(artifactLocation.uri).toMatch(/^file:\/\/\/.*\/datomic\/a%20b%231\.edn$/);
    expect(region).toEqual({ startLine: 1, startColumn: 11 });
    const inside = await validate(['test/cases/gate/columns-collide/input'], 'sarif');
    expect(inside.stdout).toContain('"uri": "test/cases/gate/columns-collide/input/datomic/shop.edn"');
  });
});

describe('validate --schema', () => {
  it('says nothing about the mbrainz sample', async () => {
    const run = await runCli(['validate', 'test/cases/mbrainz/input', '--schema', MBRAINZ, '--strict']);
    expect(run).toEqual({ exitCode: 0, stdout: 'valid: 2 files\n', stderr: '' });
  });

  it('shows what is missing with its line and the nearest name', async () => {
    const args = ['--schema', `${ORDERS}/schema.edn`];
    const { stdout, exitCode } = await runCli(['validate', `${ORDERS}/input`, ...args]);
    expect(exitCode).toBe(65);
    expect(stdout).toContain('error  SCHEMA_MISSING_MEMBERSHIP  datomic/shop.edn:2:3\n');
    expect(stdout).toContain('    2 |  {:order/nubmer {}\n      |   ^'.split('\n')[0]);
    expect(stdout).toContain('  did you mean :order/number ?');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('takes the files of a directory for one schema', async () => {
    const attribute = (ident: string) =>
      `[{:db/ident ${ident} :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]`;
    const files = { 'datomic/shop.edn': '{:tables {:order/id {} :customer/id {}}}' };
    const [dir, schema] = [
      await write(files),
      await write({ 'orders.edn': attribute(':order/id'), 'customers.edn': attribute(':customer/id') }),
    ];
    expect((await runCli(['validate', dir, '--schema', schema])).exitCode).toBe(0);
    expect((await runCli(['validate', dir, '--schema', `${schema}/orders.edn`])).exitCode).toBe(65);
    const both = ['--schema', `${schema}/orders.edn`, '--schema', `${schema}/customers.edn`];
    expect((await runCli(['validate', dir, ...both])).exitCode).toBe(65);
  });

  it('shows what is wrong with the schema itself', async () => {
    const schema = await write({ 'schema.edn': '[{:db/ident :a/b :db/valueType :db.type/int}]' });
    const { stdout, exitCode } = await runCli([
      'validate',
      'test/example',
      '--schema',
      `${schema}/schema.edn`,
    ]);
    expect(exitCode).toBe(65);
    expect(stdout).toContain(`error  SCHEMA_BAD_TYPE  ${schema}/schema.edn:1:32`);
    expect(stdout).toContain('    1 | [{:db/ident :a/b :db/valueType :db.type/int}]');
  });

  it('that is not there is a usage error', async () => {
    const run = await runCli(['validate', 'test/example', '--schema', '/nonexistent.edn']);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('there is no schema /nonexistent.edn. Check the name.');
  });
});
