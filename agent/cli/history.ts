import { type Command, InvalidArgumentError } from 'commander';
import type { HistoryEntry } from '../core/history.ts';
import type { Cli } from './context.ts';

interface Options {
  readonly json?: boolean;
  readonly lines: number;
}

const DEFAULT_LINES = 20;
const MAX_LINES = 100_000;

export function addHistory(program: Command, cli: Cli): void {
  program
    .command('history')
    .description('show what was done when and why, newest last')
    .option('-n, --lines <count>', 'how many of the newest', readCount, DEFAULT_LINES)
    .option('--json', 'print one JSON line for each')
    .action(async (options: Options) => {
      cli.exit(await showHistory(cli, options));
    });
}

async function showHistory(cli: Cli, options: Options): Promise<number> {
  const [{ loadCliSettings }, { readHistory }, { createStyle }] = await Promise.all([
    import('./cli-settings.ts'),
    import('../adapters/history-file.ts'),
    import('./style.ts'),
  ]);
  const { layout } = loadCliSettings(cli);
  const entries = await readHistory(layout.historyFile, options.lines);
  if (options.json === true) {
    for (const entry of entries) cli.stdout.write(`${JSON.stringify(entry)}\n`);
    return 0;
  }
  if (entries.length === 0) cli.stderr.write(`gatewayctl: nothing in ${layout.historyFile} yet.\n`);
  const style = createStyle(cli.stdout, cli.env);
  const lines = await renderHistory(entries, cli.now(), style);
  for (const line of lines) cli.stdout.write(`${line}\n`);
  return 0;
}

async function renderHistory(
  entries: readonly HistoryEntry[],
  now: number,
  style: import('./style.ts').Style,
): Promise<readonly string[]> {
  const [{ printable, printDigest, printTime, shorten }, { parseInstant }] = await Promise.all([
    import('./print.ts'),
    import('../core/instant.ts'),
  ]);
  const times = entries.map(({ at }) => printTime(parseInstant(at) ?? 0, now));
  const timeWidth = Math.max(0, ...times.map((time) => time.length));
  const whatWidth = Math.max(0, ...entries.map(({ what }) => what.length));
  return entries.map(({ what, why, digest, by }, index) => {
    const time = (times[index] ?? '').padEnd(timeWidth);
    const name = printable(what).padEnd(whatWidth);
    const release = digest === null ? '' : `${printDigest(printable(digest))}  `;
    const author = by === null || by === '' ? '' : ` (${printable(by)})`;
    const used = timeWidth + whatWidth + release.length + author.length + 4;
    const reason = shorten(printable(why), Math.max(20, style.width - used));
    return `${style.faint(time)}  ${style.strong(name)}  ${release}${reason}${author}`.trimEnd();
  });
}

export function readCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,6}$/.test(text) || count < 1 || count > MAX_LINES) {
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_LINES}.`);
  }
  return count;
}
