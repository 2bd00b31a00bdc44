import type { Command } from 'commander';
import type { Cli } from './context.ts';
import type { FirstBootOptions } from './first-boot-run.ts';
import { durationOption } from './option-values.ts';

const NOTE = `
Writes nothing when the settings file is not the shipped one any more.
Exit 0 done or nothing to do, 75 instance metadata does not answer, 78 what it
says cannot be used.`;

/** What the unit gateway-first-boot calls. */
export function addFirstBoot(program: Command, cli: Cli): void {
  program
    .command('first-boot', { hidden: true })
    .description('write the settings of this instance from its user data or tags')
    .addOption(durationOption('--wait <duration>', 'how long to wait for instance metadata', '30s'))
    .option('--shipped <file>', 'the settings of the image', '/opt/datomic/gateway/agent.json')
    .option('--shipper <file>', 'what only an image with a log shipper has')
    .option('--restart <unit>', 'restart this unit when the settings were written')
    .addHelpText('after', NOTE)
    .action(async (options: FirstBootOptions) => {
      const { runFirstBoot } = await import('./first-boot-run.ts');
      cli.exit(await runFirstBoot(cli, options));
    });
}
