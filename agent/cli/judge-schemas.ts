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

export interface SchemaSources {
  /** Of `--schema`: files and directories. */
  readonly paths: readonly string[];
  /** Of `--from-gateway`: `CATALOG.DATABASE`. */
  readonly databases: readonly string[];
  /** Where the analytics process answers. */
  readonly url: string;
  /** Warnings count as errors. */
  readonly isStrict: boolean;
}

/**
 * Reads the schemas that were named. Throws CliError 2 when one is not there or no schema by its size, 77 when it is
 * denied, 69 when the analytics process does not tell one.
 */
export async function judgeSchemas({
  paths,
  databases,
  url,
  isStrict,
}: SchemaSources): Promise<SchemasJudged> {
  const read = await Promise.all(paths.map(readOne));
  const issues = read.flatMap((one) => one.issues);
  return {
    schemas: [
      ...read.flatMap(({ schema }) => schema ?? []),
      ...(await Promise.all(databases.map((named) => askGateway(named, url)))),
    ],
    read: {
      directory: '',
      files: read.flatMap(({ files }) => files),
      issues: isStrict ? issues.map(toError) : issues,
      leftOut: [],
    },
  };
}

async function askGateway(named: string, url: string): Promise<DatomicSchema> {
  const [, catalog, database] = /^([^.]+)\.(.+)$/.exec(named) ?? [];
  if (catalog === undefined || database === undefined) {
    throw new CliError(
      2,
      `${printable(named)} is no CATALOG.DATABASE`,
      'Write it as in SQL, such as shop.orders.',
    );
  }
  const { readGatewaySchema } = await import('../adapters/gateway-schema.ts');
  const found = await readGatewaySchema({ url, catalog, database });
  const shown = printable(named);
  switch (found.kind) {
    case 'schema':
      return found.schema;
    case 'failed': {
      const advice = 'Run this on the gateway, or name a tunnel to it with --set analytics.url=URL.';
      throw new CliError(
        69,
        `${url} did not tell the schema of ${shown}: ${printable(found.reason)}`,
        advice,
      );
    }
    case 'strange': {
      const columns = found.columns.map(printable).join(', ');
      const message = `db__attrs of ${shown} does not tell the attributes; it has the columns ${columns}`;
      throw new CliError(69, message, 'Give the schema as a file with --schema.');
    }
  }
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
