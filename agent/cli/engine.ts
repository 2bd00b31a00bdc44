import type { Command } from 'commander';
import type { Cli } from './context.ts';

/** What units and images call, and people hardly ever. */
export function addEngine(program: Command, cli: Cli): void {
  const engine = program
    .command('engine', { hidden: true })
    .description('what the unit of the analytics process calls');
  engine
    .command('prepare')
    .description('make the started copy and all that a start needs; run before each start')
    .action(() => prepare(cli));
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
