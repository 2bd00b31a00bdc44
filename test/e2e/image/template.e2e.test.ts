import { execFile } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeScratch } from '../../support/scratch.ts';

const run = promisify(execFile);
const env = { ...process.env, CHECKPOINT_DISABLE: '1' };

it('make ami-validate checks with Debian’s Packer all but the two files that it cannot read, and says so', async () => {
  const { stdout } = await run('make', ['ami-validate'], { env });
  expect(stdout).toMatch(/Packer 1\.6\.\d+ has checked variables and build with the source of the tests/);
  expect(stdout).toContain('of source.pkr.hcl and plugins.pkr.hcl only that they are HCL');
});

it('newer Packer, without plugins, takes the syntax of the real template, and would find it broken', async () => {
  const packer = (await run('test/tools/setup-packer.sh')).stdout.trim();
  const validate = (dir: string) => run(packer, ['validate', '-syntax-only', dir], { env });
  const scratch = await makeScratch();
  for (const file of await readdir('packer')) {
    if (file.endsWith('.pkr.hcl')) await cp(path.join('packer', file), path.join(scratch, file));
  }
  expect((await validate(scratch)).stdout).toContain('Syntax-only check passed');

  const plugins = path.join(scratch, 'plugins.pkr.hcl');
  const text = await readFile(plugins, 'utf8');
  for (const broken of [text.replace('required_plugins', 'required_plugin'), text.slice(0, -4)]) {
    await writeFile(plugins, broken);
    await expect(validate(scratch)).rejects.toMatchObject({ code: 1 });
  }
});
