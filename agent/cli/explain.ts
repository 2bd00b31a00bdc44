import type { Command } from 'commander';
import { CliError } from './cli-error.ts';
import type { Cli } from './context.ts';
import { addSchemaOptions, type SchemaOptions } from './schema-options.ts';

const REFUSED = 65;

interface Options extends SchemaOptions {
  readonly json?: boolean;
}

export function addExplain(program: Command, cli: Cli): void {
  const command = program
    .command('explain')
    .description('show which schemas the metaschemas match, and the SQL tables that come out')
    .argument('<dir>', 'directory laid out like the source');
  addSchemaOptions(command)
    .option('--json', 'print it as JSON, with all columns of all tables')
    .addHelpText('after', '\nExit 0, or 65 when a metaschema or a schema cannot be read without an error.')
    .action(async (directory: string, options: Options) => {
      cli.exit(await showExplanation(cli, directory, options));
    });
}

async function showExplanation(cli: Cli, directory: string, options: Options): Promise<number> {
  if (options.schema.length + options.fromGateway.length === 0) {
    throw new CliError(2, 'no schema was named', 'Give --schema FILE, or --from-gateway CATALOG.DATABASE.');
  }
  const [{ loadCliSettings }, { judgeDirectory }, { judgeSchemas }, { explainMetaschemas }] =
    await Promise.all([
      import('./cli-settings.ts'),
      import('./judge-directory.ts'),
      import('./judge-schemas.ts'),
      import('../core/schema/explain.ts'),
    ]);
  const { settings } = loadCliSettings(cli);
  const { schemas, read } = await judgeSchemas({
    paths: options.schema,
    databases: options.fromGateway,
    url: settings.analytics.url,
    isStrict: false,
  });
  const { files, issues } = await judgeDirectory(directory, settings);
  const explanation = explainMetaschemas(files, schemas);
  if (options.json === true) {
    const { printExplanation } = await import('./explain-json.ts');
    cli.stdout.write(printExplanation(explanation));
  } else {
    const [{ renderExplanation }, { createStyle }] = await Promise.all([
      import('./explain-text.ts'),
      import('./style.ts'),
    ]);
    cli.stdout.write(`${renderExplanation(explanation, createStyle(cli.stdout, cli.env)).join('\n')}\n`);
  }
  const errors = [...read.issues, ...issues].filter(({ severity }) => severity === 'error').length;
  if (errors === 0) return 0;
  const { printCount } = await import('./print.ts');
  const command = [
    'gatewayctl validate',
    directory,
    ...options.schema.map((path) => `--schema ${path}`),
  ].join(' ');
  cli.stderr.write(`There ${errors === 1 ? 'is' : 'are'} ${printCount(errors, 'error')}: ${command}\n`);
  return REFUSED;
}
