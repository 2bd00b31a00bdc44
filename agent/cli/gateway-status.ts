import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { addSystemOptions, openAws, type SystemOptions } from './system-options.ts';

const UNHEALTHY = 69;
/** The agent puts a copy every 15 minutes when nothing changes. */
const STALE_MS = 20 * 60_000;

interface Options extends SystemOptions {
  readonly json?: boolean;
}

export function addGatewayStatus(group: Command, cli: Cli): void {
  const command = group
    .command('status')
    .description('show what the gateway of a system runs, from the copy in its bucket')
    .argument('<system>', 'name of the Datomic system')
    .option('--json', 'print the status document as it is');
  addSystemOptions(command)
    .addHelpText(
      'after',
      `
Example:
  $ gatewayctl gateway status acme-prod

The gateway puts a copy when something changes and every 15 minutes. Exit 69
when there is none, or when it is older than 20 minutes.`,
    )
    .action(async (system: string, options: Options) => {
      cli.exit(await showGatewayStatus(cli, system, options));
    });
}

async function showGatewayStatus(cli: Cli, system: string, options: Options): Promise<number> {
  const [{ findBucketName }, copies, { renderStatus }, { createStyle }, print] = await Promise.all([
    import('./system-find.ts'),
    import('./status-copies.ts'),
    import('./status-screen.ts'),
    import('./style.ts'),
    import('./print.ts'),
  ]);
  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const bucket = aws.bucket(await findBucketName(aws, system, signal));
  const found = await copies.readNewestStatus(bucket, system, signal);
  if (found === null) throw copies.noStatus(system);

  const { copy, others } = found;
  const now = cli.now();
  if (options.json === true) cli.stdout.write(copy.text.endsWith('\n') ? copy.text : `${copy.text}\n`);
  else {
    const lines = renderStatus(copy.status, { now, style: createStyle(cli.stdout, cli.env) });
    const more = others
      .filter(({ putAt }) => now - putAt <= STALE_MS)
      .map(({ name }) => print.printable(name));
    const beside = more.length === 0 ? '' : `; ${more.join(', ')} also ${more.length === 1 ? 'runs' : 'run'}`;
    const source = `copy of ${print.printable(copy.name)}, ${print.printAge(copy.putAt, now)}${beside}`;
    cli.stdout.write(`${[...lines, '', source].join('\n')}\n`);
  }
  const ageMs = now - copy.putAt;
  if (ageMs <= STALE_MS) return 0;
  cli.stderr.write(
    `gatewayctl: this status is ${print.printDuration(ageMs)} old: the gateway does not run, or cannot reach S3. ` +
      `Look with \`gatewayctl gateway restart ${system}\`, or start it with \`gatewayctl gateway enable ${system}\`.   [${UNHEALTHY}]\n`,
  );
  return UNHEALTHY;
}
