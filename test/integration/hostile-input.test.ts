import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { startProgram } from '../support/rig-agent.ts';

const MIB = 2 ** 20;
const KIB_128 = 2 ** 17;
/** What V8 may use of memory, besides the bytes of the file: more than enough for real configuration. */
const HEAP_MIB = 384;

const LARGE = 64 * MIB;
/** As large as what is still read. */
const READ = 16 * MIB;

type Row = readonly [title: string, path: string, make: () => string | Uint8Array, code: string];

const ROWS: readonly Row[] = [
  [
    '64 MiB in one line of a metaschema',
    'datomic/x.edn',
    () => `[${'1 '.repeat(LARGE / 2)}]`,
    'EDN_TOO_LARGE',
  ],
  [
    '64 MiB in one line of a catalog',
    'catalog/x.properties',
    () => 'x'.repeat(LARGE),
    'PROPERTIES_TOO_LARGE',
  ],
  ['16 MiB of numbers', 'datomic/x.edn', () => '1 '.repeat(READ / 2), 'EDN_TRAILING'],
  ['16 MiB of numbers in a vector', 'datomic/x.edn', () => `[${'1 '.repeat(READ / 2 - 1)}]`, 'EDN_TOO_LARGE'],
  ['a string of 16 MiB', 'datomic/x.edn', () => `"${'x'.repeat(READ - 2)}"`, 'METASCHEMA_NOT_A_MAP'],
  ['16 MiB of escapes', 'datomic/x.edn', () => `"${'\\n'.repeat(READ / 2 - 1)}"`, 'METASCHEMA_NOT_A_MAP'],
  ['16 MiB of line ends', 'datomic/x.edn', () => '\n'.repeat(READ), 'EDN_EMPTY'],
  ['16 MiB of NUL', 'datomic/x.edn', () => new Uint8Array(READ), 'EDN_NUL'],
  ['16 MiB that are no UTF-8', 'datomic/x.edn', () => new Uint8Array(READ).fill(0xff), 'EDN_NOT_UTF8'],
  ['16 MiB of bad names', 'datomic/x.edn', () => `[${'::a '.repeat(READ / 4 - 1)}]`, 'EDN_TOO_MANY_FAULTS'],
  ['128 KiB of keys', 'catalog/x.properties', () => 'a\n'.repeat(KIB_128 / 2), 'CATALOG_TOO_MANY_FINDINGS'],
  [
    '128 KiB of joined lines',
    'catalog/x.properties',
    () => 'a\\\n'.repeat(KIB_128 / 3),
    'CATALOG_NOT_KEY_VALUE',
  ],
  [
    '128 KiB of Unicode escapes',
    'catalog/x.properties',
    () => `x.y=${'\\u0041'.repeat(KIB_128 / 7)}`,
    'CATALOG_NO_CONNECTOR',
  ],
];

describe(`with a heap of ${HEAP_MIB} MiB, validate says what is wrong with`, () => {
  it.each(ROWS)('%s', async (_title, file, make, code) => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'gateway-hostile-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), make());
    const bundle = path.join(inject('bundleDir'), 'gatewayctl.cjs');
    const program = startProgram({
      command: [
        process.execPath,
        `--max-old-space-size=${HEAP_MIB}`,
        bundle,
        'validate',
        directory,
        '--format',
        'json',
      ],
      env: { PATH: process.env.PATH ?? '', GATEWAY_LIMIT_FILE_SIZE: '100MiB', GATEWAY_LIMIT_TOTAL: '100MiB' },
      cwd: directory,
    });
    const { code: exitCode, stdout } = await program.ended(60_000);
    const { issues } = JSON.parse(stdout) as { issues: { code: string }[] };
    expect({ exitCode, codes: issues.map((issue) => issue.code) }).toEqual({
      exitCode: 65,
      codes: expect.arrayContaining([code]),
    });
    expect(issues.length).toBeLessThanOrEqual(202);
  });
});
