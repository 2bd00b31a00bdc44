import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');

it('the example of a pipeline runs targets, programs and variables that there are', async () => {
  const workflow = parse(await readFile(path.join(ROOT, 'packer/examples/github-actions.yml'), 'utf8'));
  const makefile = await readFile(path.join(ROOT, 'Makefile'), 'utf8');
  const variables = await readFile(path.join(ROOT, 'packer/variables.pkr.hcl'), 'utf8');
  const runs: string[] = Object.values<{ steps: { run?: string }[] }>(workflow.jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => step.run ?? []),
  );
  const text = runs.join('\n');

  const targets = [...text.matchAll(/\bmake ((?:[a-z-]+ ?)+)/g)].flatMap(([, names = '']) =>
    names.trim().split(' '),
  );
  expect(targets).toEqual(['check', 'test', 'ami-validate', 'ami']);
  for (const target of targets) expect(makefile).toMatch(new RegExp(`^${target}:`, 'm'));
  for (const [, name] of text.matchAll(/-var '(\w+)=/g)) expect(variables).toContain(`variable "${name}"`);
  for (const [program] of text.matchAll(/packer\/[\w./-]+/g))
    expect(existsSync(path.join(ROOT, program))).toBe(true);
  // What `make ami` is told by the environment.
  const stage = await readFile(path.join(ROOT, 'packer/stage.sh'), 'utf8');
  for (const name of ['ENGINE_FROM', 'ENGINE_SHA256']) {
    expect(Object.keys(workflow.env)).toContain(name);
    expect(stage).toContain(name);
  }
});
