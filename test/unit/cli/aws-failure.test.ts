import { expect, it } from 'vitest';
import { DeadlineError } from '../../../agent/adapters/deadline.ts';
import { translateOperatorError } from '../../../agent/adapters/operator-error.ts';
import { explainAwsFailure } from '../../../agent/cli/aws-failure.ts';

const ABOUT = { call: 's3:PutObject', resource: 's3://b/k' };
const sdk = (name: string, status: number | null, more: object = {}) =>
  Object.assign(new Error('from AWS'), { name, $metadata: { httpStatusCode: status ?? undefined }, ...more });
const credentials = (message: string) =>
  Object.assign(new Error(message), { name: 'CredentialsProviderError' });

it.each([
  [
    'a bucket elsewhere, which S3 names',
    sdk('PermanentRedirect', 301, { $response: { headers: { 'x-amz-bucket-region': 'us-east-1' } } }),
    's3://b/k is in us-east-1. Give -r us-east-1. [2]',
  ],
  [
    'a bucket elsewhere',
    sdk('PermanentRedirect', 301),
    's3://b/k is in another region. Give it with -r REGION. [2]',
  ],
  [
    'a clock that is wrong',
    sdk('RequestTimeTooSkewed', 403),
    'AWS does not accept the time of this machine. Set its clock. [77]',
  ],
  [
    'a right that is missing',
    sdk('AccessDenied', 403),
    'access denied: no right to s3:PutObject on s3://b/k. Ask for it: the README lists what each role needs. [77]',
  ],
  [
    'a region that does not exist',
    Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND', hostname: 'ec2.eu-west-9.amazonaws.com' }),
    'ec2.eu-west-9.amazonaws.com for s3:PutObject on s3://b/k: no such host. Check the region (-r) and the network, then try again. [75]',
  ],
  [
    'no answer',
    new DeadlineError({ timeoutMs: 1, isAbandoned: false }),
    'no answer to s3:PutObject on s3://b/k in time. Check the network, then try again. [75]',
  ],
  [
    'an S3 that has too much to do',
    sdk('SlowDown', 503),
    'AWS asks to slow down: s3:PutObject on s3://b/k. Try again in a minute. [75]',
  ],
  [
    'an SSO session that is over',
    credentials(
      'The SSO session associated with this profile is invalid. To refresh this SSO session run aws sso login.',
    ),
    'the AWS session has expired. Log in again with `aws sso login`, or renew what AWS_PROFILE names. [77]',
  ],
  [
    'a log-in that is over',
    credentials('Failed to load a token for session x, please re-authenticate using aws login'),
    'the AWS session has expired. Log in again with `aws sso login`, or renew what AWS_PROFILE names. [77]',
  ],
  [
    'no credentials',
    credentials('Could not load credentials from any providers'),
    'no AWS credentials found. Set AWS_PROFILE, or log in with `aws sso login`. [77]',
  ],
  [
    'what is not there',
    sdk('NoSuchBucket', 404),
    's3:PutObject on s3://b/k: there is none (NoSuchBucket). Check account and region (-p, -r). [69]',
  ],
  [
    'what AWS does not like',
    sdk('ValidationException', 400),
    'AWS refused s3:PutObject on s3://b/k (ValidationException). Check what it is about, then try again. [69]',
  ],
])('%s is one sentence with its remedy', (_title, thrown, sentence) => {
  const failure = explainAwsFailure(translateOperatorError(thrown, ABOUT));
  expect(`${failure?.message}. ${failure?.advice} [${failure?.exitCode}]`).toBe(sentence);
});
