import { sha256 } from '../../adapters/sha256.ts';
import { isGroupName } from '../../core/source/path.ts';
import type { LocalFile } from '../../core/sync/plan.ts';
import type { LocalSettings } from '../../settings.ts';
import { CliError } from '../cli-error.ts';
import type { Cli } from '../context.ts';
import { renderFindings } from '../format/text.ts';
import { judgeDirectory } from '../judge-directory.ts';
import { judgeSchemas } from '../judge-schemas.ts';
import { printable, printCount } from '../print.ts';
import type { Talk } from './talk.ts';

/** The group becomes a part of keys. Throws CliError 2 for what is no name of one. */
export function checkGroupName(group: string): string {
  if (isGroupName(group)) return group;
  throw new CliError(
    2,
    `"${printable(group)}" is no name of a group`,
    'Use letters, digits, "-", "_" and ".".',
  );
}

/** The files of the directory when they pass the gate; null, with every mistake shown, when they do not. */
export async function judgeLocal(
  cli: Cli,
  work: {
    readonly directory: string;
    readonly settings: LocalSettings;
    readonly schemas: readonly string[];
    readonly talk: Talk;
  },
): Promise<readonly LocalFile[] | null> {
  const { directory, settings, talk } = work;
  const { schemas, read } = await judgeSchemas({
    paths: work.schemas,
    databases: [],
    url: settings.analytics.url,
    isStrict: false,
  });
  const judged = await judgeDirectory(directory, settings, { schemas });
  const issues = [...read.issues, ...judged.issues];
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const isValid = errors === 0;
  const report = { judged: [judged], schemas: read, isValid, version: cli.version };
  for (const finding of renderFindings(report, talk.style)) cli.stderr.write(`${finding}\n\n`);
  if (judged.leftOut.length > 0) {
    talk.warn(`left out: ${judged.leftOut.map(({ path, why }) => `${printable(path)} (${why})`).join(', ')}`);
  }
  if (!isValid) {
    talk.warn(`${printCount(errors, 'error')} in ${printable(directory)}: nothing was uploaded.   [65]`);
    talk.end({ outcome: 'refused', issues }, 65);
    return null;
  }
  const warnings = issues.length - errors;
  const counts = [printCount(judged.files.length, 'file'), '0 errors', printCount(warnings, 'warning')];
  talk.say(`${talk.style.good('✓')} gate: ${counts.join(', ')}`);
  return judged.files.map((file) => ({ ...file, sha256: sha256(file.bytes) }));
}
