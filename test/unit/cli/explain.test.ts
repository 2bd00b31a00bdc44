import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { makeScratch } from '../../support/scratch.ts';

const MBRAINZ = ['test/cases/mbrainz/input', '--schema', 'test/cases/mbrainz/datomic-schema.edn'];
const CASES = 'test/cases/schema';

async function write(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeScratch();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  }
  return dir;
}

/** A table by name, from the first metaschema, as `column type attribute`. */
async function columnsOf(dir: string, schema: string, table: string): Promise<readonly string[]> {
  const { stdout } = await runCli(['explain', dir, '--schema', schema, '--json']);
  const [{ tables }] = JSON.parse(stdout).metaschemas;
  const found = tables.find(({ name }: { name: string }) => name === table);
  return found.columns.map((column: Record<string, unknown>) =>
    [column.name, column.type, column.attribute, column.through].filter((part) => part !== null).join(' '),
  );
}

describe('gatewayctl explain', () => {
  it('shows the 22 tables of the mbrainz sample as reviewed', async () => {
    const { stdout, stderr, exitCode } = await runCli(['explain', ...MBRAINZ]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    // Changed on purpose? Read the difference line by line, then take it over.
    expect(stdout).toBe(await readFile('test/cases/mbrainz/explain.txt', 'utf8'));
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('prints the same as JSON, in the shape of the contract', async () => {
    const { stdout } = await runCli(['explain', ...MBRAINZ, '--json']);
    const { metaschemas, scan } = JSON.parse(stdout);
    const [{ path: file, schemas, tables }] = metaschemas;
    expect({ file, schemas }).toEqual({
      file: 'datomic/mbrainz.edn',
      schemas: [{ path: 'test/cases/mbrainz/datomic-schema.edn', matches: true, missing: [] }],
    });
    expect(tables).toHaveLength(22);
    expect(tables.find(({ name }: { name: string }) => name === 'label_type')).toEqual({
      name: 'label_type',
      kind: 'entity',
      membership: ':label.type/name',
      attribute: null,
      columns: [
        { name: 'db__id', type: 'bigint', assumed: false, attribute: null, through: null },
        { name: 'name', type: 'varchar', assumed: false, attribute: ':label.type/name', through: null },
      ],
    });
    expect(scan).toEqual({
      schemas: [{ path: 'test/cases/mbrainz/datomic-schema.edn', tables: 22 }],
      catalogs: [{ path: 'catalog/mbrainz.properties', databases: ['mbrainz'] }],
    });
  });

  it('names the attribute that keeps a metaschema from matching, and the one that was meant', async () => {
    const at = `${CASES}/membership-misspelt`;
    const { stdout, exitCode } = await runCli(['explain', `${at}/input`, '--schema', `${at}/schema.edn`]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `  does not match ${at}/schema.edn, which lacks\n    :order/nubmer at 2:3  did you mean :order/number ?\n`,
    );
    expect(stdout).toContain('2 tables for each listed database');
  });

  it('tells schemas apart: each has its own tables', async () => {
    const at = `${CASES}/two-schemas`;
    const args = ['--schema', `${at}/schema.edn`, '--schema', `${at}/schema-2.edn`];
    const { stdout } = await runCli(['explain', `${at}/input`, ...args, '--json']);
    const { metaschemas, scan } = JSON.parse(stdout);
    const matches = metaschemas.map((metaschema: { path: string; schemas: { matches: boolean }[] }) => [
      metaschema.path,
      metaschema.schemas.map((schema) => schema.matches),
    ]);
    expect(matches).toEqual([
      ['datomic/billing.edn', [false, true]],
      ['datomic/shop.edn', [true, false]],
    ]);
    expect(metaschemas[1].schemas[1].missing).toEqual([':order/number', ':customer/email']);
    expect(scan.schemas.map(({ tables }: { tables: number }) => tables)).toEqual([6, 3]);
  });

  it('shows both when a metaschema makes other tables with another schema', async () => {
    const define = (ident: string, many = false) =>
      `{:db/ident ${ident} :db/valueType :db.type/long :db/cardinality :db.cardinality/${many ? 'many' : 'one'}}`;
    const dir = await write({
      'datomic/shop.edn': '{:tables {:order/id {}}}',
      'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[old new]\n',
      'schemas/1.edn': `[${define(':order/id')}]`,
      'schemas/2.edn': `[${define(':order/id')} ${define(':order/tags', true)}]`,
    });
    const args = ['--schema', `${dir}/schemas/1.edn`, '--schema', `${dir}/schemas/2.edn`];
    const { stdout } = await runCli(['explain', dir, ...args]);
    expect(stdout).toContain(`with ${dir}/schemas/1.edn\n\norder  a row per entity with :order/id`);
    expect(stdout.split('order_x_tags')).toHaveLength(2);
    expect(stdout).toContain('lists 2 databases: 6 to 8 tables');
    const json = await runCli(['explain', dir, ...args, '--json']);
    const [{ schemas, tables }] = JSON.parse(json.stdout).metaschemas;
    expect(tables).toHaveLength(3);
    expect(schemas[0].tables).toBeUndefined();
    expect(schemas[1].tables).toHaveLength(4);
  });

  it('says of a catalog without a list that a scan loads nothing', async () => {
    const dir = await write({
      'catalog/shop.properties': 'connector.name=datomic\n',
      'datomic/shop.edn': '{:tables {:order/number {}}}',
    });
    const { stdout } = await runCli(['explain', dir, '--schema', `${CASES}/accepted/schema.edn`]);
    expect(stdout).toContain('catalog/shop.properties lists no databases: JDBC metadata is off');
  });

  it('gives options, joins and built-in attributes their effect on the columns', async () => {
    const dir = `${CASES}/accepted/input`;
    expect(await columnsOf(dir, `${CASES}/accepted/schema.edn`, 'order')).toEqual([
      'db__id bigint',
      'total decimal(38,4) :order/total',
      'placed_at timestamp :order/placed-at',
      'customer bigint :order/customer',
      'customer__email varchar :customer/email :order/customer',
      'customer__name varchar :customer/name :order/customer',
      'created_at timestamp :audit/created-at',
      'code varchar :db/ident',
    ]);
  });

  it.each([
    ['string', 'varchar', false],
    ['keyword', 'varchar', false],
    ['symbol', 'varchar', true],
    ['uri', 'varchar', true],
    ['uuid', 'uuid', true],
    ['ref', 'bigint', false],
    ['long', 'bigint', false],
    ['bigint', 'decimal(38,0)', true],
    ['bigdec', 'decimal(38,2)', false],
    ['boolean', 'boolean', false],
    ['double', 'double', false],
    ['float', 'real', true],
    ['instant', 'timestamp', true],
    ['bytes', 'varbinary', true],
    ['tuple', 'unknown', true],
  ])('shows :db.type/%s as %s, assumed: %s', async (type, expected, assumed) => {
    const dir = await write({
      'datomic/a.edn': '{:tables {:a/b {}}}',
      'schemas/a.edn': `[{:db/ident :a/b :db/valueType :db.type/${type} :db/cardinality :db.cardinality/one}]`,
    });
    const { stdout } = await runCli(['explain', dir, '--schema', `${dir}/schemas/a.edn`, '--json']);
    const [{ columns }] = JSON.parse(stdout).metaschemas[0].tables;
    expect(columns[1]).toEqual({ name: 'b', type: expected, assumed, attribute: ':a/b', through: null });
  });

  it('explains what it can read, says that there are errors, and exits 65', async () => {
    const dir = await write({
      'datomic/a.edn': '{:tables {:a/b {}}',
      'datomic/b.edn': '{:tables {:order/number {}}}',
    });
    const run = await runCli(['explain', dir, '--schema', `${CASES}/accepted/schema.edn`]);
    expect(run.exitCode).toBe(65);
    expect(run.stdout).toContain('datomic/b.edn\n  matches');
    expect(run.stderr).toMatch(/^There is 1 error: gatewayctl validate .* --schema .*\n$/);
  });

  it.each([
    [['explain', 'test/example'], 'no schema was named. Give --schema FILE'],
    [['explain', 'test/example', '--from-gateway', 'shop'], 'shop is no CATALOG.DATABASE'],
    [['explain', 'test/example', '--schema', '/nonexistent'], 'there is no schema /nonexistent'],
  ])('%j is a usage error', async (argv, expected) => {
    const run = await runCli(argv);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(expected);
  });

  it('lets no schema move the cursor', async () => {
    const dir = await write({
      'datomic/a.edn': '{:tables {:a/b {}}}',
      'schemas/a.edn':
        '[{:db/ident :a/\u001b[2J\u202eb :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]',
    });
    const { stdout } = await runCli(['explain', dir, '--schema', `${dir}/schemas/a.edn`]);
    for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character);
  });
});
