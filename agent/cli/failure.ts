import { AgentError, ERRORS } from '../core/errors.ts';
import { explainAwsFailure } from './aws-failure.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { printable } from './print.ts';

/**
 * Says what went wrong on stderr, in one sentence and what to do, and gives the exit code. Only a bug shows where
 * in the code it happened.
 */
export function reportFailure(thrown: unknown, context: CliContext): number {
  const error = thrown instanceof AgentError ? (explainAwsFailure(thrown) ?? thrown) : thrown;
  const say = (line: string) => void context.stderr.write(`${line}\n`);
  if (error instanceof CliError) {
    const join = error.advice === '' ? '' : error.message.endsWith('?') ? ' ' : '. ';
    say(`gatewayctl: ${error.message}${join}${error.advice}   [${error.exitCode}]`);
    return error.exitCode;
  }
  if (!(error instanceof AgentError) || error.code === 'INVARIANT') {
    const cause = error instanceof AgentError ? (error.cause ?? error) : error;
    say(`gatewayctl: this is a bug: ${printable(String(cause))}${placeOf(cause)}   [70]`);
    say(`Please report these lines with the command and its version, ${context.version}.`);
    return 70;
  }
  const { exitCode, hint } = ERRORS[error.code];
  const problems = error.fields.problems;
  if (Array.isArray(problems)) {
    say(`gatewayctl: ${error.message}:`);
    for (const problem of problems) say(`  ${printable(String(problem))}`);
    say(`${hint}   [${exitCode}]`);
    return exitCode;
  }
  const fields = Object.entries(error.fields).map(([name, value]) => `${name} ${printable(String(value))}`);
  say(`gatewayctl: ${[error.message, ...fields].join(', ')}. ${hint}   [${exitCode}]`);
  return exitCode;
}

function placeOf(error: unknown): string {
  const frame = error instanceof Error ? /^\s+at (.+)$/m.exec(error.stack ?? '')?.[1] : undefined;
  return frame === undefined ? '' : ` (at ${frame})`;
}
