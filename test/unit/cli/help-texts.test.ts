import { expect, it } from 'vitest';
import { renderAllHelp } from '../../../agent/cli/help-texts.ts';
import { runCli } from '../../support/cli.ts';

const TEXTS = Object.entries(renderAllHelp());

it('there is one for the program, for each group and for each command', () => {
  const names = TEXTS.map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining(['', 'validate', 'gateway', 'gateway keys', 'analytics sync']),
  );
});

it.each(TEXTS)('the help of "%s" that a bundle carries is what the command says', async (name, text) => {
  const { exitCode, stdout, stderr } = await runCli([...name.split(' ').filter(Boolean), '--help']);
  expect({ exitCode, stdout: stdout || stderr }).toEqual({ exitCode: 0, stdout: text });
});
