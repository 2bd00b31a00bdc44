import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../../agent/cli/context.ts';
import { createProgram } from '../../../agent/cli/program.ts';
import { runCli } from '../../support/cli.ts';

const context = { version: '0', stdout: process.stdout, stderr: process.stderr } as unknown as CliContext;

function listCommands(
  parent: Command,
  before: readonly string[] = [],
): { path: string[]; command: Command }[] {
  return parent.commands.flatMap((command) => {
    const path = [...before, command.name()];
    return [{ path, command }, ...listCommands(command, path)];
  });
}

const COMMANDS = listCommands(createProgram(context, (code) => expect(code).toBe(0)));
const LEAVES = COMMANDS.filter(({ command }) => command.commands.length === 0);
const name = ({ path }: { readonly path: readonly string[] }) => path.join(' ');

describe.each(COMMANDS.map((one) => [name(one), one] as const))(
  'the help of %s',
  (_name, { path, command }) => {
    it('says what the command does, and what each argument and option means', () => {
      expect(command.description()).toMatch(/^[a-z].*[^.]$/);
      const unexplained = [
        ...command.options.filter(({ description }) => description === '').map(({ flags }) => flags),
        ...command.registeredArguments
          .filter(({ description }) => description === '')
          .map((one) => one.name()),
      ];
      expect(unexplained).toEqual([]);
    });

    it('fits into 80 columns and goes to stdout', async () => {
      const { exitCode, stdout, stderr } = await runCli([...path, '--help'], { isTTY: true, columns: 80 });
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    });
  },
);

it.each(LEAVES.map((one) => [name(one), one] as const))(
  '%s has an example that it takes',
  async (called, one) => {
    const { stdout } = await runCli([...one.path, '--help']);
    const [, examples = ''] = /\nExamples?:\n((?: .*\n)+)/.exec(stdout) ?? [];
    const calls = examples
      .split('\n')
      .filter((line) => new RegExp(`\\$ (?:sudo )?gatewayctl ${called}\\b`).test(line));
    expect(calls, `no example in the help of ${called}`).not.toEqual([]);
    const known = one.command.options.flatMap(({ long, short }) => [long, short]);
    const used = [...calls.join('\n').matchAll(/(?<=\s)--?[a-z][a-z-]*/g)].map(([option]) => option);
    expect(used.filter((option) => !known.includes(option))).toEqual([]);
  },
);

it('names every command in the help of the program, or in that of its group', async () => {
  const { stdout } = await runCli(['--help']);
  const program = createProgram(context, () => undefined);
  // Commands that only units run are left out of the list.
  const listed = program.createHelp().visibleCommands(program);
  expect(listed.length).toBeGreaterThan(15);
  expect(listed.filter((one) => !new RegExp(`^  ${one.name()} `, 'm').test(stdout))).toEqual([]);
});

describe('the words and flags of the original', () => {
  it.each([
    ['client', 'access'],
    ['analytics', 'access'],
    ['analytics', 'sync'],
    ['gateway', 'restart'],
    ['gateway', 'enable'],
    ['gateway', 'disable'],
  ])('%s %s takes -p and -r behind the system', (...path) => {
    const found = LEAVES.find((one) => name(one) === path.join(' '));
    const short = found?.command.options.map((option) => option.short);
    expect(short).toEqual(expect.arrayContaining(['-p', '-r']));
  });
});
