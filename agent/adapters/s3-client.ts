import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { AgentError, type ErrorCode } from '../core/errors.ts';
import { DeadlineError } from './deadline.ts';
import { limitDocuments } from './s3-documents.ts';
import { findName, findStatus, readField } from './sdk-error.ts';

/** Longest time for a connection, TLS included. */
const CONNECT_TIMEOUT_MS = 3_000;
const MAX_SOCKETS = 16;

/**
 * One client for everything that talks to S3. It never retries (the callers do, with back-off) and keeps its
 * connections. An endpoint variable implies path-style addressing: servers behind such endpoints have no host
 * name per bucket. Without `region` the SDK looks for one itself, though not in
 * the instance metadata: that is what the function is for.
 */
export function createS3Client(options: {
  readonly region?: string | (() => Promise<string>);
  readonly env: Readonly<Record<string, string | undefined>>;
}): S3Client {
  const { region, env } = options;
  const endpoint = findS3Endpoint(env);
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const config: S3ClientConfig = {
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, httpAgent: sockets, httpsAgent: sockets },
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(region === undefined ? {} : { region }),
  };
  return limitDocuments(new S3Client(config));
}

/** The variables of the SDK, in its order; null where it would use AWS's own endpoint. */
export function findS3Endpoint(env: Readonly<Record<string, string | undefined>>): string | null {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return null;
  return env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || null;
}

/** Turns what a call to S3 threw into an `AgentError`. `fields` say which call it was. */
export function translateS3Error(error: unknown, fields: Readonly<Record<string, unknown>>): AgentError {
  if (error instanceof AgentError) return error;
  const status = findStatus(error);
  const name = findName(error);
  const [code, message] = judge(error, status, name);
  return new AgentError(code, message, {
    fields: { ...fields, ...(status === null ? {} : { status }), reason: findReason(error, name) },
    cause: error,
  });
}

const THROTTLES = /SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded/u;
const TOKENS =
  /ExpiredToken|InvalidToken|TokenRefreshRequired|AuthorizationHeaderMalformed|CredentialsProviderError/u;

function judge(error: unknown, status: number | null, name: string): readonly [ErrorCode, string] {
  if (error instanceof DeadlineError) {
    return ['SOURCE_UNREACHABLE', error.isAbandoned ? 's3 call was abandoned' : 's3 did not answer in time'];
  }
  if (TOKENS.test(name)) return ['SOURCE_DENIED', 's3 credentials are missing or not accepted'];
  // Node's word for a connection that ended after the headers and before the end of the body.
  if (status === null && readField(error, 'message') === 'aborted') {
    return ['SOURCE_TORN', 's3 answer is cut short'];
  }
  if (status === null) return ['SOURCE_UNREACHABLE', 's3 cannot be reached'];
  if (status === 429 || THROTTLES.test(name)) return ['SOURCE_THROTTLED', 's3 asks to slow down'];
  if (status >= 500) return ['SOURCE_UNREACHABLE', 's3 answered with an error of its own'];
  if (status === 301 || name === 'NoSuchBucket') {
    return ['SOURCE_MISSING', status === 301 ? 'bucket is in another region' : 'bucket does not exist'];
  }
  if (status >= 400) return ['SOURCE_DENIED', 's3 refused the call'];
  // A good status, and yet it threw: what followed could not be read, or not be understood.
  return ['SOURCE_TORN', 's3 answer is cut short or not understood'];
}

function findReason(error: unknown, name: string): string {
  const code = readField(error, 'code');
  return typeof code === 'string' ? code : name;
}
