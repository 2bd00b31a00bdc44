import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { addDiff } from './diff.ts';
import { addPlan } from './plan.ts';
import { addStatus } from './status.ts';
import { addValidate } from './validate.ts';

/** All commands, in the order of the help. One file each; what they need is loaded when they run. */
export function addCommands(program: Command, cli: Cli): void {
  addValidate(program, cli);
  addPlan(program, cli);
  addStatus(program, cli);
  addDiff(program, cli);
}
