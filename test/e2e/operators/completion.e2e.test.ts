/** The script in a real zsh with its own completion, on a pseudo-terminal: what is on the screen after Tab. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScratch } from '../../support/scratch.ts';
import { GATEWAYCTL } from '../../support/tunnel-rig.ts';

let script: string;
beforeAll(() => {
  script = execFileSync(process.execPath, [GATEWAYCTL, 'completion', 'zsh'], { encoding: 'utf8' });
});

/** Types a text and Tab into an interactive zsh; resolves with the screen once `wanted` is on it, and fails without. */
async function typeInto(text: string, wanted: string, how: 'sourced' | 'autoloaded'): Promise<string> {
  const directory = await makeScratch();
  writeFileSync(path.join(directory, '_gatewayctl'), script);
  const load =
    how === 'sourced'
      ? `autoload -U compinit && compinit -D -u && source ${directory}/_gatewayctl`
      : `fpath=(${directory} $fpath) && autoload -U compinit && compinit -D -u`;
  const driver = `
zmodload zsh/zpty
zpty shell "TERM=dumb zsh -f -i"
zpty -w shell ${JSON.stringify(`PS1=; LISTMAX=1000; ${load} && echo lo""aded`)}
zpty -r -m shell out '*loaded*'
zpty -n -w shell $'${text}\\t'
zpty -r -m shell out '*${wanted}*'
print -r -- "$out"
zpty -d shell`;
  return execFileSync('zsh', ['-f', '-c', driver], { encoding: 'utf8', timeout: 30_000 });
}

it.each(['sourced', 'autoloaded'] as const)('offers commands with what they do, %s', async (how) => {
  const wanted = 'status *-- show what the gateway of a system runs';
  const screen = await typeInto('gatewayctl gateway ', wanted, how);
  expect(screen).toMatch(/disable +-- have the scaling group of a system end its gateway/);
});

it.each([
  ['a word that is the only one', 'gatewayctl gateway dis', 'gateway disable '],
  ['an option of the command', 'gatewayctl gateway restart acme --rea', 'acme --reason '],
  ['the value of an option', 'gatewayctl client access acme --via ', '--via ssm '],
])('completes %s', async (_title, text, wanted) => {
  expect(await typeInto(text, wanted, 'sourced')).toContain(wanted);
});
