/** Kinds of options that several commands have. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../core/settings-values.ts';

/** Milliseconds. */
export function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('Expected a duration such as 90s, 5m or 2h.');
  return ms;
}

/** Its value is milliseconds; the help shows the default as a person writes it. */
export const durationOption = (flags: string, description: string, byDefault: string): Option =>
  new Option(flags, description).argParser(readDuration).default(readDuration(byDefault), byDefault);

/** One that can be given several times; its value is the list of all. */
export const listOption = (flags: string, description: string): Option =>
  new Option(flags, description)
    .argParser((text: string, before: readonly string[]) => [...before, text])
    .default([], 'none');
