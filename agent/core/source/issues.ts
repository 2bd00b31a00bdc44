import type { Issue, Severity } from '../issue.ts';

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** An issue about a path as a whole. Control and format characters of hostile paths are shown as `\u{…}`. */
export function sourceIssue(options: {
  readonly code: `SOURCE_${string}`;
  readonly severity: Severity;
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}): Issue {
  const { code, severity, path, message, hint } = options;
  return { code, severity, path: showPath(path), line: 0, column: 0, message, hint };
}

function showPath(path: string): string {
  const printable = path.replace(UNPRINTABLE, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
  return printable.length > 300 ? `${printable.slice(0, 300)}…` : printable;
}
