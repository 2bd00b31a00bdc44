import type { Issue } from '../issue.ts';
import { CODES, type IssueCode } from './codes.ts';

/** Where a finding is; null is the file as a whole. */
export type IssuePlace = { readonly line: number; readonly column: number } | null;

export interface IssueLog {
  readonly add: (code: IssueCode, place: IssuePlace, message: string, hint: string) => void;
  /** Nothing more is taken: looking on is of no use. */
  readonly isFull: () => boolean;
  /** By line and column. */
  readonly issues: () => readonly Issue[];
}

const MAX_ISSUES = 200;

/** The findings in one file, bounded: a status document must carry them. */
export function createIssueLog(
  path: string,
  tooMany: 'CATALOG_TOO_MANY_FINDINGS' | 'METASCHEMA_TOO_MANY_FINDINGS' | 'SCHEMA_TOO_MANY_FINDINGS',
): IssueLog {
  const issues: Issue[] = [];
  const push: IssueLog['add'] = (code, place, message, hint) => {
    const { line, column } = place ?? { line: 0, column: 0 };
    issues.push({ code, severity: CODES[code].severity, path, line, column, message, hint });
  };
  return {
    add: (code, place, message, hint) => {
      if (issues.length < MAX_ISSUES) push(code, place, message, hint);
      else if (issues.length === MAX_ISSUES) {
        const more = `there are more than ${MAX_ISSUES} findings; the gate looked no further`;
        push(tooMany, place, more, 'correct the first ones');
      }
    },
    isFull: () => issues.length > MAX_ISSUES,
    issues: () => issues.toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}
