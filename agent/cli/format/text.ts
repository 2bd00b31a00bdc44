import type { Issue } from '../../core/issue.ts';
import type { SourceFile } from '../../core/types.ts';
import { printable, printCount, wrap } from '../print.ts';
import type { DirectoryRead } from '../read-directory.ts';
import type { Style } from '../style.ts';
import { renderExcerpt } from './excerpt.ts';
import type { Report } from './report.ts';

/** For people: each finding with the lines it is about, a caret under the place, and what to do. */
export function formatText(report: Report, style: Style): string {
  const { judged, schemas, isValid } = report;
  return `${[...renderFindings(report, style), summarize(judged, schemas, isValid, style)].join('\n\n')}\n`;
}

/** Each finding as some lines. */
export function renderFindings({ judged, schemas }: Report, style: Style): string[] {
  const hasMany = judged.length > 1;
  return [schemas, ...judged].flatMap((read) =>
    read.issues.map((issue) =>
      renderIssue(issue, read, style, hasMany && read !== schemas ? `${read.directory}/` : '').join('\n'),
    ),
  );
}

function renderIssue(issue: Issue, read: DirectoryRead, style: Style, prefix: string): string[] {
  const { severity, code, path, line, column, message, hint } = issue;
  const paint = severity === 'error' ? style.error : style.warning;
  const place = line === 0 ? path : `${path}:${line}:${column}`;
  const title = `${paint(severity)}  ${code}  ${style.strong(printable(prefix + place))}`.trimEnd();
  const file = read.files.find((candidate) => candidate.path === path);
  return [
    title,
    ...(file === undefined || line === 0 ? renderMessage(message, style) : renderPlace(issue, file, style)),
    ...wrap(printable(hint), style.width - 2).map((text) => `  ${text}`),
  ];
}

function renderMessage(message: string, style: Style): string[] {
  return wrap(printable(message), style.width - 3).map((text) => `   ${text}`);
}

function renderPlace(issue: Issue, file: SourceFile, style: Style): string[] {
  const excerpt = renderExcerpt(file, issue, style.width);
  if (excerpt === null) return renderMessage(issue.message, style);
  const paint = issue.severity === 'error' ? style.error : style.warning;
  const message = printable(issue.message);
  const caret = `${' '.repeat(excerpt.indent)}${paint('^'.repeat(excerpt.length))}`;
  const isShort = excerpt.indent + excerpt.length + 1 + message.length <= style.width;
  const tail = isShort ? [`${caret} ${message}`] : [caret, ...renderMessage(issue.message, style)];
  return [...excerpt.lines, ...tail];
}

function summarize(
  judged: readonly DirectoryRead[],
  schemas: DirectoryRead,
  isValid: boolean,
  style: Style,
): string {
  const issues = [schemas, ...judged].flatMap((read) => read.issues);
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const warnings = issues.length - errors;
  const files = printCount(
    judged.reduce((sum, read) => sum + read.files.length, 0),
    'file',
  );
  const counts = [
    ...(errors > 0 ? [style.error(printCount(errors, 'error'))] : []),
    ...(warnings > 0 ? [style.warning(printCount(warnings, 'warning'))] : []),
  ];
  if (isValid) return [`${style.good('valid')}: ${files}`, ...counts].join(', ');
  return `${counts.join(', ')} in ${files}. Nothing would be published.`;
}
