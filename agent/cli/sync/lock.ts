import { AgentError } from '../../core/errors.ts';
import { isInterrupted } from '../../core/manifest.ts';
import { explainAwsFailure } from '../aws-failure.ts';
import { CliError } from '../cli-error.ts';
import type { Cli } from '../context.ts';
import { printable, printDuration, printTime } from '../print.ts';
import type { RemoteManifest } from './remote.ts';
import type { Talk } from './talk.ts';
import { HalfDone } from './transfer.ts';

/** Throws CliError 75 while another sync holds the lock. One that was interrupted is taken over, and said so. */
export function noteLock(
  manifest: RemoteManifest | null,
  options: { readonly cli: Cli; readonly talk: Talk; readonly isTakeOver: boolean },
): void {
  const { cli, talk, isTakeOver } = options;
  if (manifest === null || manifest.parse.kind !== 'pending') return;
  const { by } = manifest.parse;
  const now = cli.now();
  const since = `since ${printTime(manifest.putAt, now)} (${printDuration(now - manifest.putAt)})`;
  if (isTakeOver || isInterrupted(manifest.putAt, now)) {
    talk.warn(
      `a sync by ${printable(by)} is pending ${since}: taking over. Until this one ends the gateway stays as it is.`,
    );
    return;
  }
  throw new CliError(
    75,
    `${printable(by)} holds the lock ${since}; until that sync ends the gateway stays as it is`,
    'Wait for it, or if it was interrupted, take over with --take-over.',
  );
}

/** What ended an upload, with what it means for the gateway. */
export function explainEnd(error: unknown, isInterruptedByPerson: boolean): unknown {
  const isHalf = error instanceof HalfDone;
  const cause = isHalf ? error.cause : error;
  const known = cause instanceof AgentError ? (explainAwsFailure(cause) ?? cause) : cause;
  if (isInterruptedByPerson) {
    return isHalf
      ? halfDone(75, 'interrupted', known)
      : new CliError(75, 'interrupted before anything was changed', 'Sync again when you like.', known);
  }
  if (!isHalf || !(known instanceof CliError)) return known;
  return halfDone(known.exitCode, known.message, known);
}

function halfDone(exitCode: CliError['exitCode'], message: string, cause: unknown): CliError {
  return new CliError(
    exitCode,
    `${message}; the sync is half done, and the gateway stays as it was`,
    'Finish it with the same command and --take-over.',
    cause,
  );
}
