import type { Command } from 'commander';
import type { Trained } from '../adapters/engine-train.ts';
import type { Cli } from './context.ts';

const TRAIN_NOTE = `
Runs the engine of analytics.home once, on directories and a port of its own,
for about a minute, and writes below warm/ in analytics.home. Run it again
after an update of Java; an archive that does not fit is not used, and prepare
says so.

Example:
  $ sudo gatewayctl engine train`;

/** What units and images call, and people hardly ever. */
export function addEngine(program: Command, cli: Cli): void {
  const engine = program
    .command('engine', { hidden: true })
    .description('what the unit of the analytics process and the build of an image call');
  engine
    .command('prepare')
    .description('make the started copy and all that a start needs; run before each start')
    .action(() => prepare(cli));
  engine
    .command('train')
    .description(
      'make the archive of classes with which the engine starts faster; run when an image is built',
    )
    .option('--force', 'also where one is there that fits')
    .addHelpText('after', TRAIN_NOTE)
    .action((options: { force?: boolean }) => train(cli, options.force === true));
}

async function prepare(cli: Cli): Promise<void> {
  const [{ loadCliSettings }, { prepareEngine }, { dataDirOf }, { printable }] = await Promise.all([
    import('./cli-settings.ts'),
    import('../adapters/engine-prepare.ts'),
    import('../core/layout.ts'),
    import('./print.ts'),
  ]);
  const { settings, layout } = loadCliSettings(cli);
  const { analytics, paths } = settings;
  const { engine, digest, warnings } = await prepareEngine({
    ...analytics,
    connectors: settings.gate.connectors,
    port: analytics.listen.port,
    storeDir: layout.storeDir,
    startedDir: paths.started,
    etcDir: paths.etc,
    dataDir: dataDirOf(paths.etc),
  });
  for (const { message, remedy } of warnings) {
    cli.stderr.write(`gatewayctl: ${printable(message)}; ${printable(remedy)}\n`);
  }
  const java = engine.java.chosen === null ? '' : ` on Java ${engine.java.chosen.version}`;
  cli.stdout.write(`prepared ${engine.profile.label}${java} with release ${digest.slice(0, 8)}\n`);
}

async function train(cli: Cli, isForced: boolean): Promise<void> {
  const [{ loadCliSettings }, { trainEngine }, { createClock }] = await Promise.all([
    import('./cli-settings.ts'),
    import('../adapters/engine-train.ts'),
    import('../adapters/clock.ts'),
  ]);
  const { settings } = loadCliSettings(cli);
  const { analytics, gate } = settings;
  const { connectors } = gate;
  const trained = await trainEngine({ ...analytics, connectors, isForced, clock: createClock() });
  cli.stdout.write(`${describeTraining(trained)}\n`);
}

function describeTraining(trained: Trained): string {
  if (trained.kind === 'impossible') {
    return `${trained.engine} starts without an archive of classes: Java ${trained.java} is too old to make one in a run`;
  }
  const { engine, java, home, method } = trained.ground;
  const what = method === 'aot-cache' ? 'AOT cache' : 'class-data archive';
  const whose = `${what} of ${engine} on Java ${java.version}, below ${home}/warm`;
  return trained.kind === 'up-to-date'
    ? `the ${whose}, is up to date`
    : `made the ${whose}, ${Math.round(trained.sizeBytes / 1024 ** 2)} MiB`;
}
