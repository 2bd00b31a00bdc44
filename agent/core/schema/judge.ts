import type { Issue } from '../issue.ts';
import type { SourceFile } from '../types.ts';
import type { DatomicSchema } from './datomic-schema.ts';
import { readMetaschemas } from './metaschemas.ts';
import { checkAgainstSchemas } from './schema-rules.ts';

/** The findings of the gate and of these schemas together, one for each place: the one that says more. */
export function addSchemaFindings(
  found: readonly Issue[],
  files: readonly SourceFile[],
  schemas: readonly DatomicSchema[],
): readonly Issue[] {
  const errors = new Set(found.filter(({ severity }) => severity === 'error').map(placeOf));
  const more = checkAgainstSchemas(readMetaschemas(files), schemas).filter(
    (issue) => !errors.has(placeOf(issue)),
  );
  const places = new Set(more.map(placeOf));
  // With a schema the nearest attribute is known; without, only that the option does nothing.
  const isSaidBetter = (issue: Issue) =>
    issue.code === 'METASCHEMA_UNUSED_ATTRIBUTE' && places.has(placeOf(issue));
  return [...found.filter((issue) => !isSaidBetter(issue)), ...more];
}

const placeOf = ({ path, line, column }: Issue) => `${path}:${line}:${column}`;
