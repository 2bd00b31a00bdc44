import type { Command } from 'commander';
import { addAccess } from './access.ts';
import { addAnalyticsSync } from './analytics-sync.ts';
import type { Cli } from './context.ts';

/** The commands about a system's analytics, from an operator's machine. */
export function addAnalytics(program: Command, cli: Cli): void {
  const group = program
    .command('analytics')
    .description('work with the analytics of a system from your own machine');
  addAccess(group, cli, 'analytics');
  addAnalyticsSync(group, cli);
}
