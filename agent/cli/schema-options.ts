import type { Command } from 'commander';
import { listOption } from './option-values.ts';

export interface SchemaOptions {
  readonly schema: readonly string[];
  readonly fromGateway: readonly string[];
}

/** The options that name Datomic schemas; both can be repeated, and each names one schema. */
export function addSchemaOptions(command: Command): Command {
  return command
    .addOption(
      listOption('--schema <file>', 'Datomic schema, an EDN file or a directory of them; repeatable'),
    )
    .addOption(
      listOption(
        '--from-gateway <catalog.database>',
        'the schema of a database, asked of the analytics process; repeatable',
      ),
    );
}
