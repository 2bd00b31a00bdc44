import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TunnelKind } from '../core/tunnel/target.ts';
import type { Cli } from './context.ts';
import { listOption } from './option-values.ts';
import { addSystemOptions } from './system-options.ts';
import type { AccessOptions } from './tunnel.ts';

interface Words {
  readonly description: string;
  readonly port: number;
  readonly help: string;
}

const WORDS: Readonly<Record<TunnelKind, Words>> = {
  client: {
    description: 'open a SOCKS tunnel into the VPC of a system and keep it up until Ctrl-C',
    port: 8182,
    help: `
Examples:
  $ gatewayctl client access acme-prod
  $ gatewayctl client access acme-prod --check
  $ gatewayctl client access acme-prod --via ssm --port 9182

Clients connect with :proxy-port 8182 in their client map. --check runs the
documented test, curl -x socks5h://localhost:8182 of the system's entry host,
and says what its result means.`,
  },
  analytics: {
    description: 'forward a port to the analytics process of a system and keep it up until Ctrl-C',
    port: 8989,
    help: `
Examples:
  $ gatewayctl analytics access acme-prod
  $ gatewayctl analytics access acme-prod --check
  $ gatewayctl analytics access acme-prod --private --ssho ProxyJump=vpn

SQL clients connect to localhost:8989. --check asks the engine through the
tunnel whether it has started.`,
  },
};

const COMMON_HELP = `
The tunnel comes back by itself after sleep, a new instance or new keys.
Exit 0 after Ctrl-C, 69 no gateway or no keys, 73 port taken, 75 no connection,
77 denied or a wrong host key.`;

/** `client access` and `analytics access`. */
export function addAccess(group: Command, cli: Cli, kind: TunnelKind): void {
  const { description, port, help } = WORDS[kind];
  const command = group
    .command('access')
    .description(description)
    .argument('<system>', 'name of the Datomic system')
    .addOption(new Option('--port <port>', 'local port to listen on').argParser(readPort).default(port))
    .addOption(listOption('--ssho <option>', 'an option for ssh, such as Compression=no; repeatable'))
    .option('--private', 'use the private address of the gateway')
    .addOption(
      new Option('--via <way>', 'ssm: ssh over Session Manager, no open port needed').choices(['ssm']),
    )
    .option('--check', 'test a tunnel, say what the result means, and end')
    .option('--json', 'print each change as one JSON line');
  addSystemOptions(command)
    .addHelpText('after', help + COMMON_HELP)
    .action(async (system: string, options: AccessOptions) => {
      const { openTunnel } = await import('./tunnel.ts');
      cli.exit(await openTunnel(cli, { system, kind, options }));
    });
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError('Expected a port from 1 to 65535.');
  return port;
}
