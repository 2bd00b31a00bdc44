import type { Command } from 'commander';
import { type AskOptions, addAskOptions } from './ask-options.ts';
import type { Cli } from './context.ts';

export function addRestart(program: Command, cli: Cli): void {
  const command = program
    .command('restart')
    .description('restart the analytics process once, and wait until it is serving')
    .option('--now', 'do not wait for running queries');
  addAskOptions(command, '10m').action(async (options: AskOptions & { now?: boolean }) => {
    const { ask } = await import('./ask.ts');
    cli.exit(await ask(cli, { kind: 'restart', now: options.now === true }, options));
  });
}
