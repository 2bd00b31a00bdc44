import type { Command } from 'commander';
import { addAccess } from './access.ts';
import type { Cli } from './context.ts';

/** The commands for programs that use the Datomic client library. */
export function addClient(program: Command, cli: Cli): void {
  const group = program
    .command('client')
    .description('reach the databases of a system from your own machine');
  addAccess(group, cli, 'client');
}
