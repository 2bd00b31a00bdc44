import type { Report } from './report.ts';

/** `{valid, issues}`; paths are relative to the directory that `directory` names; it is empty for schema files. */
export function formatJson({ judged, schemas, isValid }: Report): string {
  const issues = [schemas, ...judged].flatMap(({ directory, issues: found }) =>
    found.map(({ code, severity, path, line, column, message, hint }) => ({
      code,
      severity,
      directory,
      path,
      line,
      column,
      message,
      hint,
    })),
  );
  const directories = judged.map(({ directory, files }) => ({
    directory,
    files: files.map(({ path }) => path),
  }));
  return `${JSON.stringify({ valid: isValid, issues, directories }, null, 2)}\n`;
}
