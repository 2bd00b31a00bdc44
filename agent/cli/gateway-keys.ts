import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { durationOption } from './option-values.ts';
import { addSystemOptions, openAws, type SystemOptions } from './system-options.ts';

interface Options extends SystemOptions {
  readonly rotate?: boolean;
  readonly overlap: number;
  readonly json?: boolean;
}

const NOTES = `
Examples:
  $ gatewayctl gateway keys acme-prod            make or adopt a pair
  $ gatewayctl gateway keys acme-prod --rotate   replace it

The private half lies at SYSTEM/datomic/access/private-keys/bastion, where the
original CLI looks for it; the gateway follows the public half beside it. In a
rotation both keys are let in until the gateway has the new one, so tunnels come
back with it by themselves. Ended half way, the same command puts it right.`;

export function addGatewayKeys(group: Command, cli: Cli): void {
  const command = group
    .command('keys')
    .description('make, adopt or rotate the key pair that opens tunnels to a system')
    .argument('<system>', 'name of the Datomic system')
    .option('--rotate', 'replace the pair by a new one')
    .addOption(
      durationOption(
        '--overlap <duration>',
        'how long a rotation lets both keys in before it hands out the new one',
        '2m',
      ),
    )
    .option('--json', 'print what was done as one JSON line');
  addSystemOptions(command)
    .addHelpText('after', NOTES)
    .action(async (system: string, options: Options) => {
      cli.exit(await renew(cli, system, options));
    });
}

const SENTENCES = {
  made: 'made a new pair',
  adopted: 'adopted the pair that was there: its public half is there for the gateway now',
  repaired: 'put the public half right',
  rotated: 'rotated: the old key opens no tunnel any more',
  unchanged: 'nothing to do: both halves are there and fit',
} as const;

async function renew(cli: Cli, system: string, options: Options): Promise<number> {
  const [{ findBucketName }, { renewKeys }, { createKeyMaker }, { CliError }, { printDuration }] =
    await Promise.all([
      import('./system-find.ts'),
      import('./keys/renew.ts'),
      import('../adapters/ssh-keygen.ts'),
      import('./cli-error.ts'),
      import('./print.ts'),
    ]);
  const signal = cli.catchInterrupt();
  const aws = await openAws(cli, options);
  const bucket = aws.bucket(await findBucketName(aws, system, signal));
  const waitForInstall = async () => {
    const span = printDuration(options.overlap);
    cli.stderr.write(
      `gatewayctl: the new key is announced; handed out in ${span}, when the gateway has it\n`,
    );
    await cli.sleep(options.overlap, signal);
    if (!signal.aborted) return;
    const advice = 'Both keys are let in; the same command without --rotate takes the new one back.';
    throw new CliError(75, 'interrupted: the old key stays in use', advice);
  };
  const isRotation = options.rotate === true;
  const { outcome, publicKey } = await renewKeys({
    bucket,
    system,
    maker: createKeyMaker(),
    isRotation,
    waitForInstall,
    signal,
  });
  if (options.json === true) cli.stdout.write(`${JSON.stringify({ system, outcome, publicKey })}\n`);
  else cli.stdout.write(`${SENTENCES[outcome]}\n${publicKey}\n`);
  return 0;
}
