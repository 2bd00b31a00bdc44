import { randomUUID } from 'node:crypto';
import { EC2Client, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createOperatorAws } from '../../agent/adapters/operator-aws.ts';
import type { OperatorAws } from '../../agent/ports/operators.ts';
import { createBucket, createTestClient, type TestBucket } from '../support/moto.ts';

const { signal } = new AbortController();
const text = (value: string) => new TextEncoder().encode(value);
let aws: OperatorAws;

beforeAll(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', inject('motoEndpoint'));
  vi.stubEnv('AWS_ENDPOINT_URL_S3', inject('motoEndpoint'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  aws = createOperatorAws({ profile: null, region: 'eu-west-1', env: process.env });
});

async function tagBucket(bucket: TestBucket, system: string): Promise<void> {
  const TagSet = [
    { Key: 'datomic:system', Value: system },
    { Key: 'other', Value: 'x' },
  ];
  const command = new PutBucketTaggingCommand({ Bucket: bucket.name, Tagging: { TagSet } });
  await createTestClient(inject('motoEndpoint')).send(command);
}

describe('systems by their tag', () => {
  it('finds every bucket of a system and no other', async () => {
    const system = `system-${randomUUID()}`;
    const [first, second, other] = [await createBucket(), await createBucket(), await createBucket()];
    await tagBucket(first, system);
    await tagBucket(second, system);
    await tagBucket(other, `${system}-2`);
    expect(await aws.systems.bucketsOf(system, signal)).toEqual([first.name, second.name].sort());
    expect(await aws.systems.bucketsOf('unheard-of', signal)).toEqual([]);
    expect(await aws.systems.list(signal)).toEqual(expect.arrayContaining([system, `${system}-2`]));
  });

  it('follows all pages', async () => {
    const systems = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const system = `paged-${String(index).padStart(2, '0')}`;
        await tagBucket(await createBucket(), system);
        return system;
      }),
    );
    expect(await aws.systems.list(signal)).toEqual(expect.arrayContaining(systems));
  });
});

describe('instances by their name', () => {
  it('finds those that run, the newest first, and forgets what was ended', async () => {
    const system = `system-${randomUUID()}`;
    const ec2 = new EC2Client({ region: 'eu-west-1' });
    const run = async (name: string) => {
      const { Instances = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: 'ami-12c6146b',
          MinCount: 1,
          MaxCount: 1,
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
        }),
      );
      return Instances[0]?.InstanceId ?? '';
    };
    const [id, other] = [await run(`${system}-bastion`), await run(`${system}2-bastion`)];
    const found = await aws.instances.find(system, signal);
    expect(found).toMatchObject([{ id, state: 'running', publicIp: expect.any(String) }]);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id, other] }));
    expect(await aws.instances.find(system, signal)).toEqual([]);
  });
});

describe('a bucket', () => {
  it('lists below a prefix, whatever characters the keys have', async () => {
    const made = await createBucket();
    await made.put('a/b c+ü%.txt', 'one');
    await made.put('b/other', 'two');
    const bucket = aws.bucket(made.name);
    expect(await bucket.list('a/', signal)).toMatchObject([{ key: 'a/b c+ü%.txt', size: 3 }]);
  });

  it('writes where nothing is, and only there', async () => {
    const bucket = aws.bucket((await createBucket()).name);
    const tag = await bucket.write('k', text('one'), { kind: 'absent' }, signal);
    expect(tag).toEqual(expect.any(String));
    expect(await bucket.write('k', text('two'), { kind: 'absent' }, signal)).toBeNull();
    expect(await bucket.read('k', { maxBytes: 10 }, signal)).toMatchObject({ tag, bytes: text('one') });
  });

  it('replaces and removes exactly the version that was seen', async () => {
    const bucket = aws.bucket((await createBucket()).name);
    const first = (await bucket.write('k', text('one'), { kind: 'none' }, signal)) ?? '';
    const second = (await bucket.write('k', text('two'), { kind: 'tag', tag: first }, signal)) ?? '';
    expect(await bucket.write('k', text('three'), { kind: 'tag', tag: first }, signal)).toBeNull();
    expect(await bucket.read('k', { maxBytes: 10, tag: first }, signal)).toBeNull();
    expect(await bucket.remove('k', first, signal)).toBe(false);
    expect(await bucket.remove('k', second, signal)).toBe(true);
    expect(await bucket.remove('k', second, signal)).toBe(true);
    expect(await bucket.write('k', text('four'), { kind: 'tag', tag: second }, signal)).toBeNull();
  });

  it('that does not exist is said to be missing, with the call', async () => {
    await expect(aws.bucket('no-such-bucket-here').list('x/', signal)).rejects.toMatchObject({
      code: 'OPERATOR_MISSING',
      fields: { call: 's3:ListBucket', resource: 's3://no-such-bucket-here/x/' },
    });
  });
});
