import { type Command, Option } from 'commander';
import type { Cli } from './context.ts';
import { listOption } from './option-values.ts';
import { addRemoteOptions, type RemoteOptions } from './remote-options.ts';
import type { SshRestartOptions } from './restart-over-ssh.ts';
import { addSystemOptions } from './system-options.ts';

interface RestartOptions extends RemoteOptions, SshRestartOptions {
  readonly now?: boolean;
  readonly ssh?: boolean;
}

export function addGatewayRestart(group: Command, cli: Cli): void {
  const command = group
    .command('restart')
    .description('restart the analytics process of a system once, and wait until it is serving')
    .argument('<system>', 'name of the Datomic system')
    .option('--now', 'do not wait for running queries');
  addRemoteOptions(command, '40m')
    .option('--ssh', 'the original way: stop it over ssh and do not wait')
    .addOption(listOption('--ssho <option>', 'an option for ssh; repeatable, and means --ssh'))
    .option('--private', 'with --ssh: use the private address of the gateway')
    .addOption(new Option('--via <way>', 'with --ssh: ssm opens no port').choices(['ssm']));
  addSystemOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ gatewayctl gateway restart acme-prod --reason 'new driver'
  $ gatewayctl gateway restart acme-prod --command 5b7720aa-…
  $ gatewayctl gateway restart acme-prod --ssh

Runs the document acme-prod-gateway-restart through Systems Manager. Exit 0
serving, 69 failed or no gateway, 75 not delivered or no answer in time, 77
denied or refused.`,
    )
    .action(async (system: string, options: RestartOptions) => {
      const isSsh = options.ssh === true || options.ssho.length > 0;
      if (isSsh) {
        const { restartOverSsh } = await import('./restart-over-ssh.ts');
        cli.exit(await restartOverSsh(cli, system, options));
        return;
      }
      const { askRemotely } = await import('./remote-ask.ts');
      const parameters = { now: String(options.now === true) };
      cli.exit(await askRemotely(cli, { system, kind: 'restart', options, parameters }));
    });
}

export function addGatewayPoll(group: Command, cli: Cli): void {
  const command = group
    .command('poll')
    .description('have the gateway of a system look at its source now, and wait for what comes of it')
    .argument('<system>', 'name of the Datomic system');
  addSystemOptions(addRemoteOptions(command, '5m'))
    .addHelpText(
      'after',
      `
Example:
  $ gatewayctl gateway poll acme-prod

Runs the document acme-prod-gateway-poll through Systems Manager. Exit 0 done,
65 the configuration is refused, 69 failed or no gateway, 75 not delivered or no
answer in time, 77 denied.`,
    )
    .action(async (system: string, options: RemoteOptions) => {
      const { askRemotely } = await import('./remote-ask.ts');
      cli.exit(await askRemotely(cli, { system, kind: 'poll', options, parameters: {} }));
    });
}
