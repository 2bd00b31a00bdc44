import { readSchemaFiles } from '../adapters/schema-files.ts';
import type { DatomicSchema } from '../core/schema/datomic-schema.ts';
import { readSchema } from '../core/schema/read-schema.ts';
import { CliError } from './cli-error.ts';
import { toError } from './judge-directory.ts';
import { printable, printBytes } from './print.ts';
import type { DirectoryRead } from './read-directory.ts';

export interface SchemasJudged {
  /** Those that can be read; each argument is one schema. */
  readonly schemas: readonly DatomicSchema[];
  /** Their files with the findings in them; paths are as given, so the directory is empty. */
  readonly read: DirectoryRead;
}

/** Reads the schemas of `--schema`. Throws CliError 2 when one is not there or no schema by its size, 77 when denied. */
export async function judgeSchemas(paths: readonly string[], isStrict: boolean): Promise<SchemasJudged> {
  const read = await Promise.all(paths.map(readOne));
  const issues = read.flatMap((one) => one.issues);
  return {
    schemas: read.flatMap(({ schema }) => schema ?? []),
    read: {
      directory: '',
      files: read.flatMap(({ files }) => files),
      issues: isStrict ? issues.map(toError) : issues,
    },
  };
}

async function readOne(path: string) {
  const found = await readSchemaFiles(path);
  const shown = printable(path);
  switch (found.kind) {
    case 'missing':
      throw new CliError(2, `there is no schema ${shown}`, 'Check the name.');
    case 'denied':
      throw new CliError(77, `the schema ${shown} may not be read`, 'Check its permissions.');
    case 'too-large': {
      const message = `the schema ${shown} is larger than ${printBytes(found.maxBytes)}`;
      throw new CliError(2, message, 'Name a file of attribute definitions, not of data.');
    }
    case 'files':
      return { files: found.files, ...readSchema(path, found.files) };
  }
}
