import type { Command } from 'commander';
import { type AskOptions, addAskOptions } from './ask-options.ts';
import type { Cli } from './context.ts';

export function addRetry(program: Command, cli: Cli): void {
  const command = program
    .command('retry')
    .description('lift every quarantine: what failed is tried again now');
  addAskOptions(command, '1m').action(async (options: AskOptions) => {
    const { ask } = await import('./ask.ts');
    cli.exit(await ask(cli, { kind: 'retry' }, options));
  });
}
