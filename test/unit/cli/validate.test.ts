import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { makeScratch } from '../../support/scratch.ts';

const CATALOG = 'connector.name=datomic\ndatomic.databases=[shop]\n';
const SHOP = '{:tables {:order/number {}}\n :joins {}}\n';
const BROKEN = '{:tables\n {:order/number {}\n :joins {}}\n';

async function makeDirectory(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeScratch();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), text);
  }
  return dir;
}

const VALID = { 'catalog/shop.properties': CATALOG, 'datomic/shop.edn': SHOP };
const INVALID = { ...VALID, 'datomic/broken.edn': BROKEN };
const WARNED = { ...VALID, 'notes/readme.txt': 'hello' };

describe('gatewayctl validate', () => {
  it('says in one line that all is valid', async () => {
    const run = await runCli(['validate', await makeDirectory(VALID)]);
    expect(run).toEqual({ exitCode: 0, stdout: 'valid: 2 files\n', stderr: '' });
  });

  it('finds the example configuration valid, without a warning', async () => {
    const run = await runCli(['validate', 'test/example']);
    expect(run).toEqual({ exitCode: 0, stdout: 'valid: 3 files\n', stderr: '' });
  });

  it('shows a mistake with its lines, a caret and what to do, and exits 65', async () => {
    const { stdout, exitCode } = await runCli(['validate', await makeDirectory(INVALID)]);
    expect(exitCode).toBe(65);
    expect(stdout).toMatch(/^error {2}EDN_UNBALANCED {2}datomic\/broken\.edn:\d+:\d+\n/);
    expect(stdout).toContain('    2 |  {:order/number {}\n');
    expect(stdout).toMatch(/\n +\^/);
    expect(stdout).toMatch(/1 error in 3 files\. Nothing would be published\.\n$/);
  });

  it('keeps to 80 columns', async () => {
    const long = `{:tables {${Array.from({ length: 40 }, (_, index) => `:order/a${index} {}`).join(' ')} :x}}\n`;
    const { stdout } = await runCli([
      'validate',
      await makeDirectory({ ...INVALID, 'datomic/long.edn': long }),
    ]);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain('datomic/long.edn');
  });

  it('allows warnings, unless it is strict', async () => {
    const dir = await makeDirectory(WARNED);
    const lax = await runCli(['validate', dir]);
    expect(lax.exitCode).toBe(0);
    expect(lax.stdout).toContain('warning  SOURCE_FOREIGN_PATH  notes/readme.txt');
    expect(lax.stdout).toContain('valid: 2 files, 1 warning');
    const strict = await runCli(['validate', dir, '--strict']);
    expect(strict.exitCode).toBe(65);
    expect(strict.stdout).toContain('error  SOURCE_FOREIGN_PATH');
  });

  it('prints JSON in the shape of the contract', async () => {
    const { stdout, exitCode } = await runCli(['validate', await makeDirectory(INVALID), '--format', 'json']);
    const { valid, issues } = JSON.parse(stdout) as { valid: boolean; issues: Record<string, unknown>[] };
    expect({ valid, exitCode }).toEqual({ valid: false, exitCode: 65 });
    expect(issues).toMatchObject([
      {
        code: 'EDN_UNBALANCED',
        severity: 'error',
        path: 'datomic/broken.edn',
        line: expect.any(Number),
        column: expect.any(Number),
        message: expect.any(String),
        hint: expect.any(String),
      },
    ]);
  });

  it('checks several directories, each as a set of its own', async () => {
    const [good, bad] = [await makeDirectory(VALID), await makeDirectory(INVALID)];
    const { stdout, exitCode } = await runCli(['validate', good, bad]);
    expect(exitCode).toBe(65);
    expect(stdout).toContain(`${bad}/datomic/broken.edn`);
    expect(stdout).toContain('1 error in 5 files');
  });

  it('refuses a directory with nothing in it: it is the wrong one', async () => {
    const { stdout, exitCode } = await runCli(['validate', 'test/example/catalog']);
    expect(exitCode).toBe(65);
    expect(stdout).toContain('SOURCE_EMPTY');
  });

  it('refuses what is over a limit of the settings', async () => {
    const args = ['--set', 'source.limits.fileSize=10B'];
    const { stdout, exitCode } = await runCli(['validate', await makeDirectory(VALID), ...args]);
    expect(exitCode).toBe(65);
    expect(stdout).toContain('SOURCE_FILE_TOO_LARGE');
  });

  it('lets no file forge output or move the cursor', async () => {
    const dir = await makeDirectory({ ...VALID, 'datomic/evil.edn': '\u001b[2J{:tables \u202e}\n' });
    const { stdout } = await runCli(['validate', dir]);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\u202e');
  });

  it('shows no secret of a catalog that it quotes', async () => {
    const secret = 'correct-horse-battery';
    const line = `datomic.client.config={:secret \\\n  "${secret}"}\n`;
    const dir = await makeDirectory({
      ...VALID,
      'catalog/shop.properties': `connector.name=datomic\n${line}${line}`,
    });
    const { stdout } = await runCli(['validate', dir]);
    expect(stdout).toContain('catalog/shop.properties');
    expect(stdout).not.toContain(secret);
    const json = await runCli(['validate', dir, '--format', 'json']);
    expect(json.stdout).not.toContain(secret);
  });

  it.each([
    ['a torn client map', 'datomic.client.config={:secret\n"hunter2" :endpoint\nhunter2}\n=x\n'],
    ['a client map without =', 'datomic.client.config{:secret "hunter2"}\n=x\n'],
    ['a client map in the list', 'datomic.databases={:secret "hunter2"}\n=x\n'],
    ['a password without =', 'connection-password"hunter2"\n=x\n'],
  ])('shows no secret of %s in the lines around a mistake', async (_title, text) => {
    const { stdout } = await runCli([
      'validate',
      await makeDirectory({ ...VALID, 'catalog/shop.properties': `connector.name=datomic\n${text}` }),
    ]);
    expect(stdout).toContain('CATALOG_');
    expect(stdout).not.toContain('hunter2');
  });

  it.each([
    [['validate'], "missing required argument 'dir'"],
    [['validate', 'x', '--format', 'xml'], 'Formats are text'],
    [['validate', 'x', '--nonsense'], "unknown option '--nonsense'"],
    [['validate', '/nonexistent/config'], 'there is no directory /nonexistent/config'],
    [['validdate', 'x'], "unknown command 'validdate'"],
    [[], 'Usage: gatewayctl'],
    [['--set', 'x', 'status'], 'Expected KEY=VALUE'],
  ])('%j is a usage error: exit 2, said on stderr', async (argv, expected) => {
    const run = await runCli(argv);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(expected);
  });

  it('with bad settings exits 78 and names them all', async () => {
    const run = await runCli(['validate', 'test/example', '--set', 'paths.rum=/x'], {
      env: { GATEWAY_EXPOSURE: 'maybe', GATEWAY_DRAIN: '1 minute' },
    });
    expect(run).toMatchObject({ exitCode: 78, stdout: '' });
    for (const key of ['paths.rum', 'GATEWAY_EXPOSURE', 'GATEWAY_DRAIN']) expect(run.stderr).toContain(key);
  });
});

describe('gatewayctl', () => {
  it('--help shows commands, options, examples and exit codes on stdout', async () => {
    const { stdout, stderr, exitCode } = await runCli(['--help']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    for (const text of ['validate', 'plan', 'status', 'diff', '--config', 'Examples:', 'Exit codes:']) {
      expect(stdout).toContain(text);
    }
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('that meets a bug says so on stderr with the place, and exits 70', async () => {
    const now = () => {
      throw new TypeError('x is not a function');
    };
    const run = await runCli(['status'], {
      readText: (name) => (name.endsWith('agent.json') ? '{}' : now()),
    });
    expect(run).toMatchObject({ exitCode: 70, stdout: '' });
    expect(run.stderr).toMatch(
      /^gatewayctl: this is a bug: TypeError: x is not a function \(at .+\) {3}\[70\]\n/,
    );
    expect(run.stderr).toContain('report');
  });

  it('--version is the version alone', async () => {
    expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: '1.2.3\n', stderr: '' });
  });
});
