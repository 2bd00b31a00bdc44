import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { addGatewayKeys } from './gateway-keys.ts';
import { addGatewayPoll, addGatewayRestart } from './gateway-restart.ts';
import { addGatewayDisable, addGatewayEnable } from './gateway-size.ts';
import { addGatewayStatus } from './gateway-status.ts';

/** The commands about a system's gateway, from an operator's machine. */
export function addGateway(program: Command, cli: Cli): void {
  const group = program
    .command('gateway')
    .description('look after the gateway of a system from your own machine');
  addGatewayStatus(group, cli);
  addGatewayRestart(group, cli);
  addGatewayPoll(group, cli);
  addGatewayEnable(group, cli);
  addGatewayDisable(group, cli);
  addGatewayKeys(group, cli);
}
