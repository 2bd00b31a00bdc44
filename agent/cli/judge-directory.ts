import { compareText } from '../core/digest.ts';
import { gate } from '../core/gate/gate.ts';
import type { Issue } from '../core/issue.ts';
import type { LocalSettings } from '../settings.ts';
import { type DirectoryRead, readDirectory } from './read-directory.ts';

/** A directory with all findings: of the source around the files, and of the gate in them. */
export async function judgeDirectory(
  directory: string,
  settings: LocalSettings,
  isStrict: boolean,
): Promise<DirectoryRead> {
  const read = await readDirectory(directory, settings.source.limits);
  const found = [...read.issues, ...gate(read.files, { connectors: settings.gate.connectors })];
  const issues = isStrict ? found.map((issue) => ({ ...issue, severity: 'error' as const })) : found;
  return { ...read, issues: issues.toSorted(compareIssues) };
}

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
