/** The script in a real bash: what Tab would offer. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, inject, it } from 'vitest';
import { makeScratch } from '../support/scratch.ts';

let script: string;
beforeAll(() => {
  const bundle = path.join(inject('bundleDir'), 'gatewayctl.cjs');
  script = execFileSync(process.execPath, [bundle, 'completion', 'bash'], { encoding: 'utf8' });
});

/** What is offered for the last of the words. */
function complete(words: readonly string[], cwd = process.cwd()): string[] {
  const ask = `
eval "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
complete -p gatewayctl >/dev/null
_gatewayctl
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['--norc', '-u', '-c', ask, 'bash', 'gatewayctl', ...words];
  const text = execFileSync('bash', args, {
    encoding: 'utf8',
    cwd,
    env: { PATH: process.env.PATH, SCRIPT: script },
  });
  return text.split('\n').filter((line) => line !== '');
}

it.each<[string, readonly string[], readonly string[]]>([
  ['a group', ['gat'], ['gateway']],
  ['what stands below a group', ['gateway', 'en'], ['enable']],
  ['options of a command', ['gateway', 'restart', 'acme', '--ss'], ['--ssh', '--ssho']],
  ['options that hold for all', ['plan', '--conf'], ['--config']],
  ['values that an option takes', ['client', 'access', 'acme', '--via', ''], ['ssm']],
  ['nothing where anything goes', ['gateway', 'restart', 'acme', '--reason', 'gate'], []],
  ['the command behind an option with a value', ['--config', 'gateway', 'pl'], ['plan']],
  ['the shells', ['completion', ''], ['bash', 'zsh']],
])('offers %s', (_title, words, expected) => expect(complete(words)).toEqual(expected));

it('offers files and directories where they are wanted, with blanks too', async () => {
  const directory = await makeScratch();
  mkdirSync(path.join(directory, 'my config'));
  writeFileSync(path.join(directory, 'my schema.edn'), '');
  expect(complete(['validate', 'my'], directory)).toEqual(['my config']);
  expect(complete(['analytics', 'sync', 'acme', 'my'], directory)).toEqual(['my config']);
  expect(complete(['validate', '--schema', 'my'], directory).sort()).toEqual(['my config', 'my schema.edn']);
});
