import { quoteText } from '../edn/fault.ts';
import type { EdnSpan } from '../edn/node.ts';
import type { IssueLog } from '../gate/issue-log.ts';
import type { Metaschema, TableEntry } from '../gate/metaschema-model.ts';
import { computeTables, type SqlColumn, type SqlTable } from '../gate/tables.ts';
import type { KnownSchema, MetaschemaFile } from './metaschemas.ts';

interface Made {
  readonly path: string;
  readonly table: SqlTable;
}

/** Tables with one name in a database that all these metaschemas match. */
export function findTableCollisions(
  files: readonly MetaschemaFile[],
  schema: KnownSchema,
  logOf: (path: string) => IssueLog | null,
): void {
  const seen = new Map<string, Made>();
  for (const { path, metaschema } of files) {
    for (const table of computeTables(metaschema, schema.attributes)) {
      if (table.namedAt === null) continue;
      const first = seen.get(table.name);
      if (first === undefined) seen.set(table.name, { path, table });
      else
        logOf(path)?.add(
          'SCHEMA_TABLE_COLLISION',
          table.namedAt,
          ...describe({ path, table }, first, schema),
        );
    }
  }
}

const at = ({ line, column }: EdnSpan) => `${line}:${column}`;

function describe({ path, table }: Made, first: Made, schema: KnownSchema): [message: string, hint: string] {
  const makes = quoteText(table.attribute ?? table.membership ?? '');
  const made = quoteText(first.table.attribute ?? first.table.membership ?? '');
  const isSameFile = path === first.path;
  const place = `${isSameFile ? '' : `${first.path}:`}${first.table.namedAt === null ? '' : at(first.table.namedAt)}`;
  const message = `with ${schema.path}, ${makes} makes a table ${table.name}, and so does ${made} at ${place}`;
  const option = table.kind === 'many' ? ':rename-many-table' : ':name';
  const hint = isSameFile
    ? `give one of them another name with ${option}`
    : 'both metaschemas match one database: give the table another :name, or merge the two';
  return [message, hint];
}

/** Columns with one name in a table, that the schema brings together. */
export function findColumnCollisions(metaschema: Metaschema, schema: KnownSchema, log: IssueLog): void {
  const entries = new Map(metaschema.tables.map((entry) => [entry.attribute.text, entry]));
  for (const table of computeTables(metaschema, schema.attributes)) {
    const entry = entries.get(table.membership ?? '');
    if (entry === undefined || log.isFull()) continue;
    const seen = new Map<string, SqlColumn>();
    for (const column of table.columns) {
      const first = seen.get(column.name);
      if (first === undefined) {
        seen.set(column.name, column);
        continue;
      }
      const message = `with ${schema.path}, the table ${table.name} has two columns ${column.name}: of ${nameSource(first)} and of ${nameSource(column)}`;
      const hint = 'give one of them another name with :rename, or :exclude it';
      log.add('SCHEMA_COLUMN_COLLISION', placeOf(column, entry), message, hint);
    }
  }
}

const nameSource = ({ attribute, through }: SqlColumn) =>
  `${through === null ? '' : `${quoteText(through)} joined with `}${quoteText(attribute ?? 'the entity id')}`;

/** Where the metaschema brings the column into the table: by name, by its namespace, or by membership. */
function placeOf({ attribute, through }: SqlColumn, { attribute: membership, options }: TableEntry): EdnSpan {
  const text = through ?? attribute ?? '';
  const renaming = options.rename.find((candidate) => candidate.attribute.text === text);
  const included = options.include.find((candidate) => candidate.text === text);
  const wildcard = options.wildcards.find(({ namespace }) => text.startsWith(`:${namespace}/`));
  return renaming?.to ?? included ?? wildcard ?? membership;
}
