import type { Command } from 'commander';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';

export function addDiff(program: Command, cli: Cli): void {
  program
    .command('diff')
    .description('show the desired release against the effective one, file by file, secrets redacted')
    .option('--json', 'print the differences as JSON')
    .action(async (options: { json?: boolean }) => {
      await showDiff(cli, options.json === true);
    });
}

async function showDiff(cli: Cli, isJson: boolean): Promise<void> {
  const [{ loadCliSettings }, { readGatewayState }, { compareReleases }, { renderDiff }, { createStyle }] =
    await Promise.all([
      import('./cli-settings.ts'),
      import('./gateway-state.ts'),
      import('./release-diff.ts'),
      import('./diff-text.ts'),
      import('./style.ts'),
    ]);
  const { layout } = loadCliSettings(cli);
  const state = await readGatewayState(layout, cli.readText);
  const digest = state.memory.desired?.digest ?? null;
  const desired = await state.readRelease(digest);
  if (digest !== null && desired === null) {
    const advice = 'The agent will make it again from the source; look again in a moment.';
    throw new CliError(69, `the desired release ${digest.slice(0, 8)} is not in the store`, advice);
  }
  const comparison = {
    desired: digest,
    effective: state.effective?.facts.digest ?? null,
    files: desired === null ? [] : compareReleases(state.effective, desired),
  };
  if (isJson) cli.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else cli.stdout.write(renderDiff(comparison, createStyle(cli.stdout, cli.env)));
}
