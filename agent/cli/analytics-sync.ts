import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { durationOption, listOption } from './option-values.ts';
import type { SyncOptions } from './sync/options.ts';
import { addSystemOptions } from './system-options.ts';

const NOTES = `
Examples:
  $ gatewayctl analytics sync acme-prod ./config
  $ gatewayctl analytics sync acme-prod ./config -q reports --dry-run
  $ gatewayctl analytics sync acme-prod ./config --wait --schema orders.edn

A directory is laid out like the source: catalog/*.properties, datomic/*.edn.
Without a terminal nothing is asked: what is deleted with its whole directory,
or shows more than before, is then held by the gateway until a person agrees.

Exit 0 synced (with --wait: proven), 65 refused, held or declined, 69 not
proven, 75 someone else syncs, or no gateway answers.`;

export function addAnalyticsSync(group: Command, cli: Cli): void {
  const command = group
    .command('sync')
    .description('check a directory, show what it changes, and sync it to a system')
    .argument('<system>', 'name of the Datomic system')
    .argument('<dir>', 'directory laid out like the source')
    .option('-q, --query-group <name>', 'query group (default: the primary compute group)')
    .addOption(listOption('--schema <file>', 'Datomic schema to check against; repeatable'))
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--allow-delete', 'agree to deletions, also of whole directories')
    .option('--expose-all', 'agree to catalogs that show more than before')
    .option('-y, --yes', 'agree to all that would be asked')
    .option('--take-over', 'go on where another sync holds the lock')
    .option('--wait', 'follow until the gateway has proven, refused, held or rolled it back')
    .addOption(durationOption('--wait-timeout <duration>', 'how long to follow at most', '15m'))
    .option('--json', 'print what was done as one JSON line');
  addSystemOptions(command)
    .addHelpText('after', NOTES)
    .action(async (system: string, directory: string, options: SyncOptions) => {
      const { sync } = await import('./sync/sync.ts');
      cli.exit(await sync(cli, { system, directory, options }));
    });
}
