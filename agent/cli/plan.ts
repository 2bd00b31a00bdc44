import type { Command } from 'commander';
import type { Preview } from '../core/preview.ts';
import type { Cli } from './context.ts';

const REFUSED = 65;

interface Options {
  readonly from?: string;
  readonly json?: boolean;
}

export function addPlan(program: Command, cli: Cli): void {
  program
    .command('plan')
    .description('show what publishing a directory would do, file by file; changes nothing')
    .argument('<dir>', 'directory laid out like the source')
    .option('--from <dir>', 'compare with this directory instead of this gateway')
    .option('--json', 'print the plan as JSON')
    .addHelpText('after', '\nExit 0, or 65 when the directory would be refused.')
    .action(async (directory: string, options: Options) => {
      cli.exit(await showPlan(cli, directory, options));
    });
}

async function showPlan(cli: Cli, directory: string, options: Options): Promise<number> {
  const [{ loadCliSettings }, { judgeDirectory }, { readGround }, { previewPublish }, { gate }] =
    await Promise.all([
      import('./cli-settings.ts'),
      import('./judge-directory.ts'),
      import('./preview-ground.ts'),
      import('../core/preview.ts'),
      import('../core/gate/gate.ts'),
    ]);
  const { settings, layout } = loadCliSettings(cli);
  const { files, issues } = await judgeDirectory(directory, settings);
  const { ground, restartMs } = await readGround({ cli, settings, layout, from: options.from ?? null });
  const { connectors } = settings.gate;
  const checkTogether = (all: typeof files) => gate(all, { connectors });
  const preview = previewPublish({ files, issues, checkTogether, ground });
  const text = options.json === true ? printJson(preview) : await printText(cli, preview, restartMs);
  cli.stdout.write(text);
  return preview.files.some(({ effect }) => effect === 'refused') || preview.reason.startsWith('refused')
    ? REFUSED
    : 0;
}

function printJson({ actions, reason, files }: Preview): string {
  const shown = files.map(({ path, effect, reason: why }) => ({ path, effect, reason: why }));
  return `${JSON.stringify({ actions, reason, files: shown }, null, 2)}\n`;
}

async function printText(cli: Cli, preview: Preview, restartMs: number | null): Promise<string> {
  const [{ renderPreview }, { createStyle }] = await Promise.all([
    import('./preview-text.ts'),
    import('./style.ts'),
  ]);
  return `${renderPreview(preview, { restartMs, style: createStyle(cli.stdout, cli.env) }).join('\n')}\n`;
}
