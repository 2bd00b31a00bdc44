import { describe, expect, it } from 'vitest';
import type { CliError } from '../../../agent/cli/cli-error.ts';
import { findBucketName, findGateway } from '../../../agent/cli/system-find.ts';
import { createFakeAws, makeInstance } from '../../fakes/fake-aws.ts';

const { signal } = new AbortController();

const failureOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: CliError) => `${error.message} | ${error.advice} [${error.exitCode}]`,
  );

describe('the bucket of a system', () => {
  const aws = createFakeAws({ buckets: { 'acme-prod': ['b1'], 'acme-test': ['b2'], twice: ['b3', 'b4'] } });

  it('is the one with its tag', async () => {
    expect(await findBucketName(aws, 'acme-prod', signal)).toBe('b1');
  });

  it('of a misspelt system is not found, and the nearest one is named', async () => {
    expect(await failureOf(findBucketName(aws, 'acme-prd', signal))).toBe(
      'system "acme-prd" not found in eu-west-1; did you mean "acme-prod"? |  [2]',
    );
  });

  it('of another system is not found, and those that there are are named', async () => {
    expect(await failureOf(findBucketName(aws, 'unheard-of', signal))).toBe(
      'system "unheard-of" not found in eu-west-1 | There are acme-prod, acme-test, twice: check name, account and region (-p, -r). [2]',
    );
  });

  it('where there is no system at all points to account and region', async () => {
    expect(await failureOf(findBucketName(createFakeAws({}), 'acme', signal))).toContain(
      'There is no system at all',
    );
  });

  it('is not chosen between two: both are named', async () => {
    expect(await failureOf(findBucketName(aws, 'twice', signal))).toContain(
      'system "twice" has 2 buckets: b3 and b4',
    );
  });

  it('is not looked for under a name that could lead elsewhere', async () => {
    expect(await failureOf(findBucketName(aws, '../other', signal))).toContain('is no name of a system');
  });
});

describe('the gateway of a system', () => {
  it('is the newest that runs', async () => {
    const instances = { s: [makeInstance('i-new', { state: 'pending' }), makeInstance('i-old')] };
    expect((await findGateway(createFakeAws({ instances }), 's', signal)).id).toBe('i-old');
  });

  it('that only starts is worth another try', async () => {
    const instances = { s: [makeInstance('i-new', { state: 'pending' })] };
    expect(await failureOf(findGateway(createFakeAws({ instances }), 's', signal))).toBe(
      'the gateway i-new of "s" is starting | Try again in a minute. [75]',
    );
  });

  it('that does not run says how to start one', async () => {
    const aws = createFakeAws({ buckets: { s: ['b'] } });
    expect(await failureOf(findGateway(aws, 's', signal))).toBe(
      'no gateway of "s" is running in eu-west-1 | Start it with `gatewayctl gateway enable s`, or check name, account and region (-p, -r). [69]',
    );
  });

  it('of a system that was mistyped is told as that', async () => {
    const aws = createFakeAws({ buckets: { 'acme-prod': ['b'] } });
    expect(await failureOf(findGateway(aws, 'acme-prd', signal))).toContain('did you mean "acme-prod"?');
  });
});
