import { compareText } from '../core/digest.ts';
import { gate } from '../core/gate/gate.ts';
import type { Issue } from '../core/issue.ts';
import type { DatomicSchema } from '../core/schema/datomic-schema.ts';
import { addSchemaFindings } from '../core/schema/judge.ts';
import type { LocalSettings } from '../settings.ts';
import { type DirectoryRead, readDirectory } from './read-directory.ts';

export interface JudgeOptions {
  /** Warnings count as errors. */
  readonly isStrict?: boolean;
  /** Schemas of the databases that the metaschemas are for; without any nothing is checked against one. */
  readonly schemas?: readonly DatomicSchema[];
}

/** A directory with all findings: of the source around the files, of the gate in them, and of the schemas. */
export async function judgeDirectory(
  directory: string,
  settings: LocalSettings,
  { isStrict = false, schemas = [] }: JudgeOptions = {},
): Promise<DirectoryRead> {
  const read = await readDirectory(directory, settings.source.limits);
  const found = gate(read.files, { connectors: settings.gate.connectors });
  const issues = [...read.issues, ...addSchemaFindings(found, read.files, schemas)].toSorted(compareIssues);
  return { ...read, issues: isStrict ? issues.map(toError) : issues };
}

export const toError = (issue: Issue): Issue => ({ ...issue, severity: 'error' });

/** By file and place, errors first where the place is the same. */
function compareIssues(a: Issue, b: Issue): number {
  return (
    compareText(a.path, b.path) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.severity, b.severity) ||
    compareText(a.code, b.code)
  );
}
