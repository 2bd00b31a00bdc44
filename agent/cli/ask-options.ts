import { type Command, InvalidArgumentError } from 'commander';
import { isRequestId, MAX_REASON_LENGTH } from '../core/request-document.ts';
import { durationOption } from './option-values.ts';

/** What every command that files a request can be told. */
export interface AskOptions {
  readonly id?: string;
  readonly reason?: string;
  readonly wait: number;
  readonly json?: boolean;
}

/** Adds `--id`, `--reason`, `--wait` and `--json`. */
export function addAskOptions(command: Command, defaultWait: string): Command {
  return command
    .option('--id <id>', 'the request’s id; asked again with the same id it gives the same answer', readId)
    .option('--reason <text>', 'why, for status, history and log', readReason)
    .addOption(
      durationOption('--wait <duration>', 'how long to wait for the answer, such as 90s', defaultWait),
    )
    .option('--json', 'print the answer as one JSON line')
    .addHelpText(
      'after',
      '\nExit 0 done, 69 failed, 65 or 77 refused, 75 no answer in time: ask again with\nthe id that is printed.',
    );
}

function readId(text: string): string {
  if (!isRequestId(text))
    throw new InvalidArgumentError('Expected 1 to 128 of A-Z, a-z, 0-9, ".", "_", "-".');
  return text;
}

function readReason(text: string): string {
  if (text.length > MAX_REASON_LENGTH)
    throw new InvalidArgumentError(`Expected at most ${MAX_REASON_LENGTH} characters.`);
  return text;
}
