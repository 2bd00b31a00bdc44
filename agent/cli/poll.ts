import type { Command } from 'commander';
import { type AskOptions, addAskOptions } from './ask-options.ts';
import type { Cli } from './context.ts';

export function addPoll(program: Command, cli: Cli): void {
  const command = program
    .command('poll')
    .description('look at the source now, and wait for what comes of it');
  addAskOptions(command, '2m').action(async (options: AskOptions) => {
    const { ask } = await import('./ask.ts');
    cli.exit(await ask(cli, { kind: 'poll' }, options));
  });
}
