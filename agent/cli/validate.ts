import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from './context.ts';
import { FORMAT_NAMES } from './format/names.ts';
import { addSchemaOptions, type SchemaOptions } from './schema-options.ts';

const REFUSED = 65;

interface Options extends SchemaOptions {
  readonly format: string;
  readonly strict?: boolean;
}

export function addValidate(program: Command, cli: Cli): void {
  const command = program
    .command('validate')
    .description('check configuration as the gateway would, without one')
    .argument('<dir...>', 'directories laid out like the source');
  addSchemaOptions(command)
    .option('--format <name>', FORMAT_NAMES.join(', '), checkFormat, 'text')
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
  const [{ loadCliSettings }, { judgeDirectory }, { judgeSchemas }, { formats }, { createStyle }] =
    await Promise.all([
      import('./cli-settings.ts'),
      import('./judge-directory.ts'),
      import('./judge-schemas.ts'),
      import('./format/formats.ts'),
      import('./style.ts'),
    ]);
  const { settings } = loadCliSettings(cli);
  const isStrict = options.strict === true;
  const { schemas, read } = await judgeSchemas({
    paths: options.schema,
    databases: options.fromGateway,
    url: settings.analytics.url,
    isStrict,
  });
  const judged = [];
  for (const directory of directories) {
    judged.push(await judgeDirectory(directory, settings, { isStrict, schemas }));
  }
  const all = [read, ...judged];
  const isValid = all.every(({ issues }) => issues.every(({ severity }) => severity !== 'error'));
  const format = formats.get(options.format);
  const report = { judged, schemas: read, isValid, version: cli.version };
  if (format !== undefined) cli.stdout.write(format(report, createStyle(cli.stdout, cli.env)));
  return isValid ? 0 : REFUSED;
}
