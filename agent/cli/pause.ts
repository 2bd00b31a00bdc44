import type { Command } from 'commander';
import { type AskOptions, addAskOptions } from './ask-options.ts';
import type { Cli } from './context.ts';
import { readDuration } from './option-values.ts';

export function addPause(program: Command, cli: Cli): void {
  const command = program
    .command('pause')
    .description('publish, start and restart nothing new; polling and status go on')
    .option('--for <duration>', 'how long, such as 2h (default: until resume)', checkDuration);
  addAskOptions(command, '1m').action(async (options: AskOptions & { for?: string }) => {
    const { ask } = await import('./ask.ts');
    const limit = options.for === undefined ? {} : { for: options.for };
    cli.exit(await ask(cli, { kind: 'pause', ...limit }, options));
  });
}

/** The text goes to the agent as it is. */
function checkDuration(text: string): string {
  readDuration(text);
  return text;
}
