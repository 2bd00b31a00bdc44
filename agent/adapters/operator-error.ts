import { AgentError, type ErrorCode } from '../core/errors.ts';
import { DeadlineError } from './deadline.ts';
import { findName, findStatus, readField } from './sdk-error.ts';

const THROTTLES = /SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded/u;
const EXPIRED = /ExpiredToken|RequestExpired|TokenRefreshRequired/u;
const REJECTED =
  /InvalidClientTokenId|UnrecognizedClient|AuthFailure|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|InvalidToken|IncompleteSignature|MissingAuthenticationToken|RequestTimeTooSkewed/u;
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized/u;
const ELSEWHERE = /PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint/u;
const MISSING = /NoSuch|NotFound|DoesNotExist|InvalidDocument$|InvalidInstanceID/u;
/** What the credential providers say of a session that is over: SSO and `aws login` each have words of their own. */
const SESSION_OVER = /expired|session[^.]* (?:is|was) (?:invalid|not found)|refresh|re-?authenticate/iu;

/** What a call is, for the sentence about its failure. */
export interface OperatorCall {
  /** As a policy names it: `ec2:DescribeInstances`. */
  readonly call: string;
  /** What it is about, as people write it: `s3://bucket/key`. */
  readonly resource?: string;
}

/** Turns what the SDK threw on an operator's machine into an `AgentError`. Nothing in it is secret. */
export function translateOperatorError(error: unknown, about: OperatorCall): AgentError {
  if (error instanceof AgentError) return error;
  const status = findStatus(error);
  const name = findName(error);
  const text = readField(error, 'message');
  const message = typeof text === 'string' ? text : '';
  const [code, sentence] = judge(error, { status, name, message });
  const who = /User: (\S+) is not authorized/u.exec(message)?.[1];
  const fields = {
    ...about,
    ...(status === null ? {} : { status }),
    reason: findReason(error, name),
    ...(who === undefined ? {} : { who }),
    ...findRegion(error),
    ...findHost(error),
  };
  return new AgentError(code, sentence, { fields, cause: error });
}

function judge(
  error: unknown,
  { status, name, message }: { status: number | null; name: string; message: string },
): readonly [ErrorCode, string] {
  if (error instanceof DeadlineError) return ['AWS_UNREACHABLE', 'call took too long'];
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return SESSION_OVER.test(message)
      ? ['OPERATOR_CREDENTIALS_EXPIRED', 'the AWS session has expired']
      : ['OPERATOR_NO_CREDENTIALS', 'no AWS credentials found'];
  }
  if (message === 'Region is missing') return ['OPERATOR_NO_REGION', 'no AWS region is set'];
  if (EXPIRED.test(name)) return ['OPERATOR_CREDENTIALS_EXPIRED', 'the AWS credentials have expired'];
  if (REJECTED.test(name)) return ['OPERATOR_CREDENTIALS_REJECTED', 'AWS does not accept the credentials'];
  if (status === 301 || ELSEWHERE.test(name)) {
    return ['OPERATOR_WRONG_REGION', 'bucket is in another region'];
  }
  if (DENIED.test(name)) return ['OPERATOR_DENIED', 'access denied'];
  if (status === 429 || THROTTLES.test(name)) return ['AWS_THROTTLED', 'asked to slow down'];
  if (status === null || status >= 500) return ['AWS_UNREACHABLE', 'service does not answer'];
  if (MISSING.test(name) || status === 404) return ['OPERATOR_MISSING', 'does not exist'];
  return status === 401 || status === 403
    ? ['OPERATOR_DENIED', 'access denied']
    : ['OPERATOR_REFUSED', 'AWS refused the call'];
}

function findReason(error: unknown, name: string): string {
  const code = readField(error, 'code');
  return typeof code === 'string' ? code : name;
}

/** S3 says in which region a bucket is. */
function findRegion(error: unknown): { readonly bucketRegion?: string } {
  const named = readField(error, 'Region') ?? readField(readField(error, '$response'), 'headers');
  const region = typeof named === 'string' ? named : readField(named, 'x-amz-bucket-region');
  return typeof region === 'string' ? { bucketRegion: region } : {};
}

function findHost(error: unknown): { readonly host?: string } {
  const host = readField(error, 'hostname') ?? readField(error, 'address');
  return typeof host === 'string' ? { host } : {};
}
