import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from './context.ts';
import { FORMAT_NAMES } from './format/names.ts';

const REFUSED = 65;

interface Options {
  readonly format: string;
  readonly strict?: boolean;
}

export function addValidate(program: Command, cli: Cli): void {
  program
    .command('validate')
    .description('check configuration as the gateway would, without one')
    .argument('<dir...>', 'directories laid out like the source')
    .option('--format <name>', FORMAT_NAMES.join(' or '), checkFormat, 'text')
    .option('--strict', 'take warnings for errors')
    .addHelpText('after', '\nExit 0 when all is valid, warnings allowed; 65 when not.')
    .action(async (directories: string[], options: Options) => {
      cli.exit(await validate(cli, directories, options));
    });
}

function checkFormat(name: string): string {
  if (FORMAT_NAMES.some((known) => known === name)) return name;
  throw new InvalidArgumentError(`Formats are ${FORMAT_NAMES.join(', ')}.`);
}

async function validate(cli: Cli, directories: readonly string[], options: Options): Promise<number> {
  const [{ loadCliSettings }, { judgeDirectory }, { formats }, { createStyle }] = await Promise.all([
    import('./cli-settings.ts'),
    import('./judge-directory.ts'),
    import('./format/formats.ts'),
    import('./style.ts'),
  ]);
  const { settings } = loadCliSettings(cli);
  const judged = [];
  for (const directory of directories) {
    judged.push(await judgeDirectory(directory, settings, options.strict === true));
  }
  const isValid = judged.every(({ issues }) => issues.every(({ severity }) => severity !== 'error'));
  const format = formats.get(options.format);
  if (format !== undefined) cli.stdout.write(format({ judged, isValid }, createStyle(cli.stdout, cli.env)));
  return isValid ? 0 : REFUSED;
}
