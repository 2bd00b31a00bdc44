import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
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

/** Every `make ami` with arguments for Packer that somebody would copy from here. */
async function readExamples(): Promise<string[]> {
  const workflow = parse(await readFile('packer/examples/github-actions.yml', 'utf8'));
  const steps: { run?: string }[] = workflow.jobs.bake.steps;
  const pipeline = steps
    .flatMap((step) => step.run ?? [])
    .map((text) => text.replace(/\$\{\{.*?\}\}/g, 'x86_64'));
  const readme = (await readFile('packer/README.md', 'utf8')).match(/^make ami (?:.*\\\n)*.*/gm) ?? [];
  return [...pipeline, ...readme].filter((text) => text.includes('PACKER_ARGS='));
}

it('Packer takes what the examples tell make ami, and no shared image with a key that is not one’s own', async () => {
  const scratch = await makeScratch();
  const at = (name: string) => path.join(scratch, name);
  await mkdir(at('template'));
  await mkdir(at('image/contents'), { recursive: true });
  for (const file of [
    'variables.pkr.hcl',
    'gateway.pkr.hcl',
    'provisioners',
    '../test/image/source.pkr.hcl',
  ]) {
    await symlink(path.resolve('packer', file), at(`template/${path.basename(file)}`));
  }
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('key')]);
  const ofTest = `-var region=eu-west-1 -var test_endpoint=http://127.0.0.1:9 -var test_ssh_host=127.0.0.1 \
    -var test_ssh_port=22 -var test_ssh_key=${at('key')} ${at('template')}`;

  /** The command of the recipe, with `validate` for `build` and the template of the tests for the real one. */
  async function validate(example: string) {
    const make = `${example.replace('make ami', 'make --dry-run ami')} IMAGE_DIR=${at('image')}`;
    const { stdout: recipe } = await run('bash', ['-c', make.replace(/ +#.* IMAGE/, ' IMAGE')], { env });
    const [, args] = /^packer build ((?:.*\\\n)*.*) packer$/m.exec(recipe) ?? [];
    if (args === undefined) throw new Error(`make ami builds nothing:\n${recipe}`);
    return await run('bash', ['-c', `packer validate ${args} ${ofTest}`], { env });
  }

  const examples = await readExamples();
  expect(examples.length).toBeGreaterThanOrEqual(2);
  for (const example of examples) {
    await validate(example);
    await expect(validate(example.replace(/-var volume_key=\S+/, ''))).rejects.toMatchObject({
      stdout: expect.stringContaining('Cannot share AMI encrypted with default KMS key'),
    });
  }
});
