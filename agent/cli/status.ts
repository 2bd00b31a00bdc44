import type { Command } from 'commander';
import type { Cli } from './context.ts';

const UNHEALTHY = 69;
const REDRAW_MS = 1_000;

export function addStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('show what runs, what was asked, and why they differ')
    .option('--json', 'print the status document as it is')
    .option('-w, --watch', 'draw again every second until Ctrl-C')
    .addHelpText('after', '\nExit 69 when there is no status, or one that no living agent has written.')
    .action(async (options: { json?: boolean; watch?: boolean }) => {
      cli.exit(await showStatus(cli, { isJson: options.json === true, isWatch: options.watch === true }));
    });
}

async function showStatus(cli: Cli, options: { isJson: boolean; isWatch: boolean }): Promise<number> {
  const [{ loadCliSettings }, { readStatus }] = await Promise.all([
    import('./cli-settings.ts'),
    import('./status-file.ts'),
  ]);
  const { settings, layout } = loadCliSettings(cli);
  const read = () =>
    readStatus({
      path: layout.statusFile,
      readText: cli.readText,
      now: cli.now(),
      listIntervalMs: settings.source.listIntervalMs,
    });
  if (options.isWatch && !options.isJson) return await watchStatus(cli, read);
  const { text, status, staleness } = read();
  if (options.isJson) cli.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  else cli.stdout.write(`${(await draw(cli, status)).join('\n')}\n`);
  if (staleness === null) return 0;
  cli.stderr.write(`gatewayctl: this status is stale, ${staleness}.   [${UNHEALTHY}]\n`);
  return UNHEALTHY;
}

type Read = () => ReturnType<typeof import('./status-file.ts').readStatus>;

/** Draws in place on a terminal; in a pipe each changed screen follows the last. A missing status is waited for. */
async function watchStatus(cli: Cli, read: Read): Promise<number> {
  const [{ createLogUpdate }, { CliError }] = await Promise.all([
    import('log-update'),
    import('./cli-error.ts'),
  ]);
  const signal = cli.catchInterrupt();
  const screen = cli.stdout.isTTY === true ? createLogUpdate(cli.stdout as NodeJS.WriteStream) : null;
  let exitCode = 0;
  let last = '';
  while (!signal.aborted) {
    let text: string;
    try {
      const { status, staleness } = read();
      const stale = staleness === null ? [] : ['', `This status is stale, ${staleness}.`];
      text = [...(await draw(cli, status)), ...stale].join('\n');
      exitCode = staleness === null ? 0 : UNHEALTHY;
    } catch (error) {
      // Watching an agent start means to wait for its first status.
      if (!(error instanceof CliError) || error.exitCode !== UNHEALTHY) throw error;
      text = `${error.message}. ${error.advice}`;
      exitCode = UNHEALTHY;
    }
    if (screen !== null) screen(text);
    else if (text !== last) cli.stdout.write(`${text}\n\n`);
    last = text;
    await cli.sleep(REDRAW_MS, signal);
  }
  screen?.done();
  return exitCode;
}

async function draw(
  cli: Cli,
  status: Parameters<typeof import('./status-screen.ts').renderStatus>[0],
): Promise<string[]> {
  const [{ renderStatus }, { createStyle }] = await Promise.all([
    import('./status-screen.ts'),
    import('./style.ts'),
  ]);
  return renderStatus(status, { now: cli.now(), style: createStyle(cli.stdout, cli.env) });
}
