import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { durationOption } from './option-values.ts';
import type { SignalOptions } from './signal-run.ts';

const NOTE = `
Says nothing to anybody when the user data of this instance names no stack.
Exit 0 said or nobody waits, 69 said that it failed, 75 could not say it,
77 may not say it.

Example:
  $ gatewayctl signal --wait 10m`;

/** What the unit gateway-signal calls. */
export function addSignal(program: Command, cli: Cli): void {
  program
    .command('signal', { hidden: true })
    .description('tell the stack that waits for this instance whether its agent came up')
    .addOption(durationOption('--wait <duration>', 'after this it has failed', '10m'))
    .option('--shipped <file>', 'the settings of the image', '/opt/datomic/gateway/agent.json')
    .addHelpText('after', NOTE)
    .action(async (options: SignalOptions) => {
      const { runSignal } = await import('./signal-run.ts');
      cli.exit(await runSignal(cli, options));
    });
}
