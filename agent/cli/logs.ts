import type { Command } from 'commander';
import type { Cli } from './context.ts';
import { readCount } from './history.ts';

interface Options {
  readonly lines: number;
  readonly follow?: boolean;
}

const DEFAULT_LINES = 100;

export function addLogs(program: Command, cli: Cli): void {
  program
    .command('logs')
    .description('show the engine’s last lines, secrets of the catalogs redacted')
    .option('-n, --lines <count>', 'how many of the newest', readCount, DEFAULT_LINES)
    .option('-f, --follow', 'go on with what it prints, until Ctrl-C')
    .action((options: Options) => showLogs(cli, options));
}

async function showLogs(cli: Cli, options: Options): Promise<void> {
  const [{ loadCliSettings }, { createChildEngineLog, createJournalEngineLog }, { redact }, { printable }] =
    await Promise.all([
      import('./cli-settings.ts'),
      import('../adapters/engine-log-follower.ts'),
      import('../core/secrets.ts'),
      import('./print.ts'),
    ]);
  const { settings, layout } = loadCliSettings(cli);
  const secrets = await readSecrets(layout.storeDir);
  const { supervisor, unit } = settings.analytics;
  const log =
    supervisor === 'child' ? createChildEngineLog(layout.childLogFile) : createJournalEngineLog(unit);
  const print = (line: string) => void cli.stdout.write(`${printable(redact(line, secrets))}\n`);
  if (options.follow === true) await log.follow(options.lines, print, cli.catchInterrupt());
  else for (const line of await log.tail(options.lines)) print(line);
}

/** Of all releases that are there: the log can quote one that is no longer live. */
async function readSecrets(storeDir: string): Promise<readonly string[]> {
  const [{ createReleaseStore }, { sha256 }, { secretsOf }] = await Promise.all([
    import('../adapters/release-store.ts'),
    import('../adapters/sha256.ts'),
    import('../core/secrets.ts'),
  ]);
  const store = createReleaseStore({ dir: storeDir, sha256 });
  const releases = await Promise.all((await store.list()).map(({ digest }) => store.read(digest)));
  const files = releases.flatMap((release) => release?.etc ?? []);
  return [...new Set(secretsOf(files))];
}
