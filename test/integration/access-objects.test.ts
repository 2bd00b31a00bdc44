import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessObjects } from '../../agent/adapters/access-objects.ts';
import { hostKeyOf, publicKeyOf } from '../../agent/core/system-keys.ts';
import type { AccessObjects } from '../../agent/ports/access.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { createBucket, createTestClient, type TestBucket } from '../support/moto.ts';

let bucket: TestBucket;
let objects: AccessObjects;

const open = (endpoint: string) =>
  createAccessObjects({
    client: async () => createTestClient(endpoint),
    bucket: bucket.name,
    system: 'acme',
  });

beforeEach(async () => {
  bucket = await createBucket();
  objects = open(bucket.endpoint);
});

describe('access keys in the bucket', () => {
  it('are read once, and again when they changed', async () => {
    expect(await objects.readClientKeys(null)).toEqual({ kind: 'absent' });
    await bucket.put(publicKeyOf('acme'), 'one\n');
    const first = await objects.readClientKeys(null);
    if (first.kind !== 'found') throw new Error(first.kind);
    expect(first.value).toBe('one\n');
    expect(await objects.readClientKeys(first.tag)).toEqual({ kind: 'unchanged' });
    await bucket.put(publicKeyOf('acme'), 'two\n');
    expect(await objects.readClientKeys(first.tag)).toMatchObject({ kind: 'found', value: 'two\n' });
  });

  it('are not read to the end when there is no end', async () => {
    await bucket.put(publicKeyOf('acme'), 'x'.repeat(65 * 1024));
    expect(await objects.readClientKeys(null)).toEqual({ kind: 'too-large' });
  });

  it('in a bucket that is not there are an error, not absent', async () => {
    const client = async () => createTestClient(bucket.endpoint);
    const gone = createAccessObjects({ client, bucket: 'no-such-bucket-here', system: 'acme' });
    await expect(gone.readClientKeys(null)).rejects.toMatchObject({ code: 'AWS_DENIED' });
  });

  it('that cannot be reached, or are denied, are errors that name the call', async () => {
    await expect(open('http://127.0.0.1:9').readClientKeys(null)).rejects.toMatchObject({
      code: 'AWS_UNREACHABLE',
      fields: { call: 's3:GetObject' },
    });
  });
});

describe('the host key in the bucket', () => {
  it('is put with the time at which it was made, and only over what was seen', async () => {
    expect(await objects.readHostKey()).toEqual({ kind: 'absent' });
    const key = { line: '* ssh-ed25519 AAAA\n', madeAt: 1_750_000_000_000 };
    expect(await objects.putHostKey(key, null)).toBe(true);
    expect(await objects.putHostKey(key, null)).toBe(false);
    const read = await objects.readHostKey();
    if (read.kind !== 'found') throw new Error(read.kind);
    expect(read.value).toEqual(key);

    await bucket.put(hostKeyOf('acme'), '* ssh-rsa AAAA\n');
    expect(await objects.putHostKey(key, read.tag)).toBe(false);
    expect(await objects.readHostKey()).toMatchObject({ value: { line: '* ssh-rsa AAAA\n', madeAt: null } });
    expect(await objects.putHostKey(key, undefined)).toBe(true);
  });

  it('is readable text for the original CLI', async () => {
    await objects.putHostKey({ line: '* ssh-ed25519 AAAA\n', madeAt: 1 }, null);
    const client = createTestClient(bucket.endpoint);
    const at = { Bucket: bucket.name, Key: hostKeyOf('acme') };
    expect((await client.send(new HeadObjectCommand(at))).ContentType).toBe('text/plain');
    const { Body } = await client.send(new GetObjectCommand(at));
    expect(await Body?.transformToString()).toBe('* ssh-ed25519 AAAA\n');
  });
});

it('faults of S3 are errors, and change nothing', async () => {
  await bucket.put(publicKeyOf('acme'), 'one\n');
  const proxy = await createFaultProxy({ target: bucket.endpoint });
  const through = open(proxy.url);
  for (const [fault, code] of [
    [{ kind: 'status', status: 403, code: 'AccessDenied' }, 'AWS_DENIED'],
    [{ kind: 'status', status: 503, code: 'SlowDown' }, 'AWS_THROTTLED'],
    [{ kind: 'truncate-body', afterBytes: 2 }, 'SOURCE_TORN'],
    [{ kind: 'reset' }, 'AWS_UNREACHABLE'],
  ] as const) {
    proxy.fault(() => true, fault);
    await expect(through.readClientKeys(null)).rejects.toMatchObject({ code });
    proxy.clear();
  }
  expect(await through.readClientKeys(null)).toMatchObject({ kind: 'found', value: 'one\n' });
  await proxy.close();
});
