import { type Command, InvalidArgumentError } from 'commander';
import type { StatusHold } from '../core/status.ts';
import { type AskOptions, addAskOptions } from './ask-options.ts';
import type { Cli } from './context.ts';

type Hold = StatusHold['kind'];
type Options = AskOptions & { readonly snapshot?: string };

const FULL_DIGEST = /^[0-9a-f]{64}$/;
const PATHS_SHOWN = 10;

export function addAllow(program: Command, cli: Cli): void {
  const command = program
    .command('allow')
    .description('let a held deletion or exposure through, for the snapshot that it names')
    .argument('<hold>', 'deletion or exposure', readHold)
    .option(
      '--snapshot <id>',
      'the snapshot, or how it begins (default: the one that the status shows)',
      readId,
    );
  addAskOptions(command, '1m').action(async (hold: Hold, options: Options) => {
    const { ask } = await import('./ask.ts');
    const snapshot = await chooseSnapshot(cli, hold, options.snapshot ?? null);
    cli.exit(await ask(cli, { kind: 'allow', hold, snapshot }, options));
  });
}

/** What a person sees is what is allowed: a sync that comes meanwhile makes another snapshot, and is held anew. */
async function chooseSnapshot(cli: Cli, hold: Hold, wanted: string | null): Promise<string> {
  const [{ loadCliSettings }, { readStatus }, { CliError }, { printable, printDigest }] = await Promise.all([
    import('./cli-settings.ts'),
    import('./status-file.ts'),
    import('./cli-error.ts'),
    import('./print.ts'),
  ]);
  // Its answer may lie there long after the status has forgotten the hold.
  if (wanted !== null && FULL_DIGEST.test(wanted)) return wanted;
  const { settings, layout } = loadCliSettings(cli);
  const { status } = readStatus({
    path: layout.statusFile,
    readText: cli.readText,
    now: cli.now(),
    listIntervalMs: settings.source.listIntervalMs,
  });
  const held = status.held.filter(({ kind }) => kind === hold);
  const named = held.filter(({ snapshot }) => wanted === null || snapshot.startsWith(wanted));
  const [first] = named;
  if (first === undefined) {
    const which = wanted === null ? '' : ` of snapshot ${wanted}`;
    throw new CliError(2, `no ${hold}${which} is held`, 'Look at gatewayctl status.');
  }
  if (new Set(named.map(({ snapshot }) => snapshot)).size > 1) {
    const ids = named.map(({ snapshot }) => printDigest(snapshot)).join(', ');
    throw new CliError(2, `more than one ${hold} is held: ${ids}`, 'Name one with --snapshot.');
  }
  const paths = named.flatMap((entry) => entry.paths).map(printable);
  const more = paths.length > PATHS_SHOWN ? ` and ${paths.length - PATHS_SHOWN} more` : '';
  const listed = paths.slice(0, PATHS_SHOWN).join(', ');
  cli.stderr.write(`allowing the ${hold} in snapshot ${printDigest(first.snapshot)}: ${listed}${more}\n`);
  return first.snapshot;
}

function readHold(text: string): Hold {
  if (text !== 'deletion' && text !== 'exposure') {
    throw new InvalidArgumentError('Expected deletion or exposure.');
  }
  return text;
}

function readId(text: string): string {
  if (!/^[0-9a-f]{4,64}$/.test(text)) {
    throw new InvalidArgumentError('Expected 4 to 64 hex digits, as the status shows them.');
  }
  return text;
}
