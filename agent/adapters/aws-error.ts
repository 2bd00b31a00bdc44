import { AgentError } from '../core/errors.ts';
import { DeadlineError } from './deadline.ts';
import { findName, findStatus } from './sdk-error.ts';

const THROTTLES =
  /SlowDown|Throttl|TooManyRequests|TooManyUpdates|RequestLimitExceeded|BandwidthLimitExceeded/u;
const CREDENTIALS =
  /ExpiredToken|InvalidToken|TokenRefreshRequired|AuthorizationHeaderMalformed|CredentialsProviderError|UnrecognizedClient|InvalidSignature|AccessDenied/u;

/** Turns what a call of the SDK threw into an `AgentError` that names the call as a policy does: `ssm:PutX`. */
export function translateAwsError(error: unknown, call: string): AgentError {
  if (error instanceof AgentError) return error;
  const status = findStatus(error);
  const name = findName(error);
  const fields = { call, ...(status === null ? {} : { status }), reason: name };
  const options = { fields, cause: error };
  if (error instanceof DeadlineError) return new AgentError('AWS_UNREACHABLE', 'call took too long', options);
  if (CREDENTIALS.test(name)) return new AgentError('AWS_DENIED', 'call is not allowed', options);
  if (status === 429 || THROTTLES.test(name)) {
    return new AgentError('AWS_THROTTLED', 'asked to slow down', options);
  }
  if (status === null || status >= 500)
    return new AgentError('AWS_UNREACHABLE', 'service does not answer', options);
  return new AgentError('AWS_DENIED', 'call was refused', options);
}
