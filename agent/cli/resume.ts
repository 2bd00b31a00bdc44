import type { Command } from 'commander';
import { type AskOptions, addAskOptions } from './ask-options.ts';
import type { Cli } from './context.ts';

export function addResume(program: Command, cli: Cli): void {
  const command = program.command('resume').description('end a pause');
  addAskOptions(command, '1m').action(async (options: AskOptions) => {
    const { ask } = await import('./ask.ts');
    cli.exit(await ask(cli, { kind: 'resume' }, options));
  });
}
