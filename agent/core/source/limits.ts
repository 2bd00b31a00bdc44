import type { Issue } from '../issue.ts';
import { sourceIssue } from './issues.ts';

/** Bounds of a snapshot. Over one of them the whole snapshot is refused; nothing is ever trimmed. */
export interface SourceLimits {
  readonly fileSizeBytes: number;
  readonly files: number;
  readonly totalBytes: number;
}

const MAX_NAMED = 20;

/** Every limit that the listed files are over, as errors; empty when they fit. */
export function checkLimits(
  files: readonly { readonly path: string; readonly size: number }[],
  limits: SourceLimits,
): readonly Issue[] {
  const issues: Issue[] = [];
  const large = files.filter((file) => file.size > limits.fileSizeBytes);
  for (const { path, size } of large.slice(0, MAX_NAMED)) {
    issues.push(
      sourceIssue({
        code: 'SOURCE_FILE_TOO_LARGE',
        severity: 'error',
        path,
        message: `has ${size} bytes; at most ${limits.fileSizeBytes} are accepted`,
        hint: 'Make the file smaller, or raise source.limits.fileSize.',
      }),
    );
  }
  if (large.length > MAX_NAMED) {
    issues.push(
      sourceIssue({
        code: 'SOURCE_FILE_TOO_LARGE',
        severity: 'error',
        path: '',
        message: `${large.length - MAX_NAMED} more files are larger than ${limits.fileSizeBytes} bytes`,
        hint: 'Make the files smaller, or raise source.limits.fileSize.',
      }),
    );
  }
  if (files.length > limits.files) {
    issues.push(
      sourceIssue({
        code: 'SOURCE_TOO_MANY_FILES',
        severity: 'error',
        path: '',
        message: `${files.length} files were found; at most ${limits.files} are accepted`,
        hint: 'Remove files that are not needed, or raise source.limits.files.',
      }),
    );
  }
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total > limits.totalBytes) {
    issues.push(
      sourceIssue({
        code: 'SOURCE_TOTAL_TOO_LARGE',
        severity: 'error',
        path: '',
        message: `all files together have ${total} bytes; at most ${limits.totalBytes} are accepted`,
        hint: 'Make the files smaller, or raise source.limits.total.',
      }),
    );
  }
  return issues;
}
