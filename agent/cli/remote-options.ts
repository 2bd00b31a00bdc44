import { type Command, InvalidArgumentError } from 'commander';
import { REASON_PATTERN } from '../core/remote-command.ts';
import { durationOption } from './option-values.ts';
import type { SystemOptions } from './system-options.ts';

/** What commands that a gateway is asked through Systems Manager can be told. */
export interface RemoteOptions extends SystemOptions {
  readonly reason?: string;
  readonly wait: number;
  readonly command?: string;
  readonly json?: boolean;
}

export function addRemoteOptions(command: Command, defaultWait: string): Command {
  return command
    .option('--reason <text>', 'why, for status, history and log of the gateway', readReason)
    .addOption(
      durationOption('--wait <duration>', 'how long to wait for the answer, such as 90s', defaultWait),
    )
    .option('--command <id>', 'send nothing: follow this command of Systems Manager', readCommandId)
    .option('--json', 'print the answer as one JSON line');
}

function readReason(text: string): string {
  if (!REASON_PATTERN.test(text)) {
    throw new InvalidArgumentError('Expected at most 200 of A-Z, a-z, 0-9, blanks and .,:_/@#+=()-');
  }
  return text;
}

function readCommandId(text: string): string {
  if (!/^[0-9a-f-]{36}$/.test(text))
    throw new InvalidArgumentError('Expected the id of a command, 36 characters.');
  return text;
}
