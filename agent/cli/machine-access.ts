import type { Command } from 'commander';
import type { Cli } from './context.ts';

export function addAccess(program: Command, cli: Cli): void {
  const group = program
    .command('access')
    .description('client access to this machine: sshd, keys, packet filter');
  group
    .command('apply')
    .description(
      'bring keys, forwarding targets and packet filter in line (root; gateway-access.timer runs it)',
    )
    .option('--json', 'print what is wrong as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ sudo gatewayctl access apply   what the timer does each minute, now\n\nExit 69 when ec2-user is kept out, or forwarding targets cannot be applied.',
    )
    .action(async (options: { json?: boolean }) => {
      const { applyHere } = await import('./machine-access-apply.ts');
      cli.exit(await applyHere(cli, options.json === true));
    });
}
