import { createIssueLog, type IssueLog } from '../gate/issue-log.ts';
import type { Issue } from '../issue.ts';
import { findAttributeFaults } from './attribute-rules.ts';
import { findColumnCollisions, findTableCollisions } from './collision-rules.ts';
import type { DatomicSchema } from './datomic-schema.ts';
import { reportMissing } from './membership-rules.ts';
import { findMissing, type KnownSchema, knowSchema, type MetaschemaFile } from './metaschemas.ts';

/**
 * What Datomic schemas tell about metaschemas. Each schema stands for databases of its own: a metaschema must match
 * at least one of them, and is checked against those that it matches; without one, against the nearest. Every place
 * is reported once.
 */
export function checkAgainstSchemas(
  metaschemas: readonly MetaschemaFile[],
  schemas: readonly DatomicSchema[],
): readonly Issue[] {
  const known = schemas.map(knowSchema);
  if (known.length === 0) return [];
  const logs = new Map(metaschemas.map(({ path }) => [path, createOnceLog(path)]));
  const matching = new Map<KnownSchema, MetaschemaFile[]>(known.map((schema) => [schema, []]));
  for (const file of metaschemas) {
    for (const schema of known) {
      if (findMissing(file.metaschema, schema).length === 0) matching.get(schema)?.push(file);
    }
  }
  const isFree = (schema: KnownSchema) => matching.get(schema)?.length === 0;
  for (const file of metaschemas) {
    const log = logs.get(file.path);
    if (log === undefined) continue;
    const matched = known.filter((schema) => matching.get(schema)?.includes(file));
    const nearest = matched.length > 0 ? null : reportMissing(file.metaschema, known, isFree, log);
    for (const schema of nearest === null ? matched : [nearest]) {
      findAttributeFaults(file.metaschema, schema, log);
      findColumnCollisions(file.metaschema, schema, log);
    }
  }
  for (const [schema, files] of matching) {
    findTableCollisions(files, schema, (path) => logs.get(path) ?? null);
  }
  return [...logs.values()].flatMap((log) => log.issues());
}

/** Takes one finding of a kind for each place: several schemas often say the same. */
function createOnceLog(path: string): IssueLog {
  const log = createIssueLog(path, 'SCHEMA_TOO_MANY_FINDINGS');
  const seen = new Set<string>();
  return {
    ...log,
    add: (code, place, message, hint) => {
      const key = `${code} ${place?.line} ${place?.column}`;
      if (seen.has(key)) return;
      seen.add(key);
      log.add(code, place, message, hint);
    },
  };
}
