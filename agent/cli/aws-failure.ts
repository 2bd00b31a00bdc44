import type { AgentError } from '../core/errors.ts';
import { CliError } from './cli-error.ts';
import { printable } from './print.ts';

/**
 * What AWS, or the way to it, said to an operator's command, as one sentence with remedy and exit code. Null for
 * errors of other origin.
 */
export function explainAwsFailure(error: AgentError): CliError | null {
  const text = (name: string): string | null => {
    const value = error.fields[name];
    return typeof value === 'string' && value !== '' ? printable(value) : null;
  };
  const [call, resource] = [text('call') ?? 'the call', text('resource')];
  const named = resource === null ? call : `${call} on ${resource}`;
  const fail = (exitCode: CliError['exitCode'], message: string, advice: string) =>
    new CliError(exitCode, message, advice, error);

  switch (error.code) {
    case 'OPERATOR_NO_CREDENTIALS':
      return fail(77, error.message, 'Set AWS_PROFILE, or log in with `aws sso login`.');
    case 'OPERATOR_CREDENTIALS_EXPIRED':
      return fail(77, error.message, 'Log in again with `aws sso login`, or renew what AWS_PROFILE names.');
    case 'OPERATOR_CREDENTIALS_REJECTED': {
      const reason = text('reason') ?? 'no reason given';
      if (reason === 'RequestTimeTooSkewed') {
        return fail(77, 'AWS does not accept the time of this machine', 'Set its clock.');
      }
      const advice = 'Check AWS_PROFILE or -p, the keys behind it, and the session token.';
      return fail(77, `AWS does not accept the credentials (${reason})`, advice);
    }
    case 'OPERATOR_DENIED': {
      const who = text('who');
      const message = `access denied: ${who === null ? 'no right to' : `${who} has no right to`} ${named}`;
      return fail(77, message, 'Ask for it: the README lists what each role needs.');
    }
    case 'OPERATOR_NO_REGION':
      return fail(2, 'no AWS region is set', 'Give -r REGION, or set AWS_REGION.');
    case 'OPERATOR_WRONG_REGION': {
      const region = text('bucketRegion');
      const where = region === null ? 'in another region' : `in ${region}`;
      const advice = region === null ? 'Give it with -r REGION.' : `Give -r ${region}.`;
      return fail(2, `${resource ?? 'the bucket'} is ${where}`, advice);
    }
    case 'OPERATOR_MISSING':
      return fail(
        69,
        `${named}: there is none (${text('reason') ?? 'not found'})`,
        'Check account and region (-p, -r).',
      );
    case 'OPERATOR_REFUSED':
      return fail(
        69,
        `AWS refused ${named} (${text('reason') ?? error.message})`,
        'Check what it is about, then try again.',
      );
    case 'AWS_THROTTLED':
      return fail(75, `AWS asks to slow down: ${named}`, 'Try again in a minute.');
    case 'AWS_UNREACHABLE':
      return explainUnreachable();
    default:
      return null;
  }

  function explainUnreachable(): CliError {
    const [reason, host] = [text('reason'), text('host')];
    const where = host === null ? named : `${host} for ${named}`;
    if (reason === 'ENOTFOUND') {
      return fail(75, `${where}: no such host`, 'Check the region (-r) and the network, then try again.');
    }
    if (reason === 'DeadlineError') {
      return fail(75, `no answer to ${named} in time`, 'Check the network, then try again.');
    }
    return fail(
      75,
      `cannot reach ${where} (${reason ?? error.message})`,
      'Check the network, then try again.',
    );
  }
}
