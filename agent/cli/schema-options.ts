import type { Command } from 'commander';

export interface SchemaOptions {
  readonly schema: readonly string[];
  readonly fromGateway: readonly string[];
}

/** For options that can be repeated. */
export const collect = (value: string, before: readonly string[]) => [...before, value];

/** The options that name Datomic schemas; both can be repeated, and each names one schema. */
export function addSchemaOptions(command: Command): Command {
  return command
    .option('--schema <file>', 'Datomic schema, an EDN file or a directory of them; repeatable', collect, [])
    .option(
      '--from-gateway <catalog.database>',
      'the schema of a database, asked of the analytics process; repeatable',
      collect,
      [],
    );
}
