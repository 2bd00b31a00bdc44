import type { Issue } from '../../core/issue.ts';
import { printable } from '../print.ts';
import { locate } from './location.ts';
import type { Report } from './report.ts';

/** Annotations of GitHub Actions, one line each: they show beside the lines of a pull request. */
export function formatGithub({ judged, schemas }: Report): string {
  return [schemas, ...judged]
    .flatMap(({ directory, issues }) => issues.map((issue) => annotate(directory, issue)))
    .map((line) => `${line}\n`)
    .join('');
}

/** A workflow command: `::error file=…,line=…,col=…,title=CODE::message`. */
function annotate(directory: string, { code, severity, path, line, column, message, hint }: Issue): string {
  const place = line === 0 ? {} : { line, col: column };
  const properties = Object.entries({
    file: locate(directory, path),
    ...place,
    title: code,
  }).map(([key, value]) => `${key}=${escapeProperty(printable(String(value)))}`);
  const text = escapeData([message, hint].map(printable).join('\n'));
  return `::${severity} ${properties.join(',')}::${text}`;
}

/** As the runner reads it back: nothing in a file name or message can end the line or begin another command. */
const escapeData = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
