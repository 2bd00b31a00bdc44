import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { durationOption } from './option-values.ts';
import type { SizeOptions } from './resize-gateway.ts';
import { addSystemOptions } from './system-options.ts';

const DEFAULT_TIMEOUT = '15m';

/** `gateway enable` and `gateway disable`. */
export function addGatewayEnable(group: Command, cli: Cli): void {
  const command = group
    .command('enable')
    .description('have the scaling group of a system launch its gateway');
  addSizeOptions(command, 'wait until the gateway has put its status into the bucket')
    .addHelpText(
      'after',
      `
Example:
  $ gatewayctl gateway enable acme-prod --wait

Sets the group's least and desired number of instances to 1. Exit 0 done, or as
it was; 69 no group, or one that may not grow; 75 not there in time.`,
    )
    .action(run(cli, 1));
}

export function addGatewayDisable(group: Command, cli: Cli): void {
  const command = group
    .command('disable')
    .description('have the scaling group of a system end its gateway: no tunnel, no SQL');
  addSizeOptions(command, 'wait until the instance is gone')
    .addHelpText(
      'after',
      `
Example:
  $ gatewayctl gateway disable acme-prod --wait

Sets the group's least and desired number of instances to 0: the instance is
terminated, and with it tunnels and SQL. Nothing is lost: a new one begins from
what lies in S3. Exit 0 done, or as it was; 69 no group; 75 not gone in time.`,
    )
    .action(run(cli, 0));
}

function addSizeOptions(command: Command, wait: string): Command {
  command
    .argument('<system>', 'name of the Datomic system')
    .option('--wait', wait)
    .addOption(durationOption('--timeout <duration>', 'with --wait: how long', DEFAULT_TIMEOUT))
    .option('--json', 'print the outcome as one JSON line');
  return addSystemOptions(command);
}

const run =
  (cli: Cli, size: 0 | 1) =>
  async (system: string, options: SizeOptions): Promise<void> => {
    const { resizeGateway } = await import('./resize-gateway.ts');
    cli.exit(await resizeGateway(cli, { system, size, options }));
  };
