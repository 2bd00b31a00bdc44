import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { addStatus } from './status.ts';

/** All commands, in the order of the help. One file each; what they need is loaded when they run. */
export function addCommands(program: Command, cli: Cli): void {
  addStatus(program, cli);
}
