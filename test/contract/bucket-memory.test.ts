import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createS3BucketMemory } from '../../agent/adapters/bucket-memory.ts';
import { createS3StatusCopy } from '../../agent/adapters/bucket-status.ts';
import type { BucketMemory } from '../../agent/ports.ts';
import { statusDocument } from '../fakes/status.ts';
import { createFaultProxy, type Fault, type FaultProxy } from '../support/fault-proxy.ts';
import { printObject, printPage } from '../support/listing-page.ts';
import { createBucket, createTestClient, type TestBucket } from '../support/moto.ts';

const PREFIX = 'acme/datomic/gateway/baseline/';
const never = new AbortController().signal;
const bytesOf = (text: string) => new TextEncoder().encode(text);

let bucket: TestBucket;
let proxy: FaultProxy;
let memory: BucketMemory;

beforeEach(async () => {
  bucket = await createBucket();
  proxy = await createFaultProxy({ target: inject('motoEndpoint') });
  memory = createS3BucketMemory({
    client: createTestClient(proxy.url),
    bucket: bucket.name,
    system: 'acme',
    callTimeoutMs: 1_000,
  });
});

afterEach(() => proxy.close());

describe('memory in the bucket', () => {
  it('begins empty', async () => {
    expect(await memory.groups(never)).toEqual([]);
    expect(await memory.read('acme', never)).toBeNull();
  });

  it('holds what was written, under the key of the contract', async () => {
    const tag = await memory.write('acme', bytesOf('one'), null, never);
    const read = await memory.read('acme', never);
    expect(new TextDecoder().decode(read?.bytes)).toBe('one');
    expect(read?.tag).toBe(tag);
    expect(await bucket.keys()).toEqual([`${PREFIX}acme.json`]);
    expect(await memory.groups(never)).toEqual(['acme']);
  });

  it('replaces exactly the version that is named', async () => {
    const first = await memory.write('acme', bytesOf('one'), null, never);
    const second = await memory.write('acme', bytesOf('two'), first, never);
    expect(second).not.toBeNull();
    expect(await memory.write('acme', bytesOf('three'), first, never)).toBeNull();
    expect(await memory.write('acme', bytesOf('three'), null, never)).toBeNull();
    expect(new TextDecoder().decode((await memory.read('acme', never))?.bytes)).toBe('two');
  });

  it('does not bring back what somebody deleted unless it is told that nothing is there', async () => {
    const tag = await memory.write('acme', bytesOf('one'), null, never);
    await bucket.remove(`${PREFIX}acme.json`);
    expect(await memory.write('acme', bytesOf('two'), tag, never)).toBeNull();
    expect(await memory.write('acme', bytesOf('two'), null, never)).not.toBeNull();
  });

  it('names only groups, whatever else lies there', async () => {
    for (const key of ['acme.json', 'query-1.json', 'readme.txt', '..json', 'a/b.json', '.json'])
      await bucket.put(PREFIX + key, 'x');
    expect(await memory.groups(never)).toEqual(['acme', 'query-1']);
  });
});

describe('what goes wrong', () => {
  const faults: readonly [string, Fault, string][] = [
    ['forbidden', { kind: 'status', status: 403, code: 'AccessDenied' }, 'AWS_DENIED'],
    ['no bucket', { kind: 'status', status: 404, code: 'NoSuchBucket' }, 'AWS_DENIED'],
    ['throttled', { kind: 'status', status: 503, code: 'SlowDown' }, 'AWS_THROTTLED'],
    ['an error of S3', { kind: 'status', status: 500, code: 'InternalError' }, 'AWS_UNREACHABLE'],
    ['a reset', { kind: 'reset' }, 'AWS_UNREACHABLE'],
    ['no answer', { kind: 'hang' }, 'AWS_UNREACHABLE'],
  ];
  const calls = {
    groups: () => memory.groups(never),
    read: () => memory.read('acme', never),
    write: () => memory.write('acme', bytesOf('x'), null, never),
  };
  const rows = faults.flatMap(([what, fault, code]) =>
    Object.keys(calls).map((call) => [what, call as keyof typeof calls, fault, code] as const),
  );

  it.each(rows)('%s: %s rejects with its code and the name of the call', async (_, call, fault, code) => {
    proxy.fault(() => true, fault);
    await expect(calls[call]()).rejects.toMatchObject({
      code,
      fields: { call: expect.stringMatching(/^s3:(ListBucket|GetObject|PutObject)$/) },
    });
    expect(proxy.requests).toHaveLength(1);
  });

  it.each<Fault>([
    { kind: 'stall-body', afterBytes: 2 },
    { kind: 'truncate-body', afterBytes: 2 },
  ])('a body that ends early is no baseline: %o', async (fault) => {
    await memory.write('acme', bytesOf('a whole document'), null, never);
    proxy.fault(({ method }) => method === 'GET', fault);
    await expect(memory.read('acme', never)).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
  });

  const LOG_IN = '<html><body>Please log in</body></html>';
  const answer = (body: string): Fault => ({ kind: 'answer', status: 200, body });
  it.each<[what: string, body: string]>([
    ['a log-in page', LOG_IN],
    ['nothing at all', ''],
    ['another document', '<?xml version="1.0"?><ListAllMyBucketsResult></ListAllMyBucketsResult>'],
    ['a listing of another prefix', printPage({ prefix: 'acme/', contents: [] })],
    [
      'a listing that lost its objects',
      printPage({ prefix: PREFIX, contents: [printObject({ key: `${PREFIX}acme.json` })] }).replace(
        /<Contents>.*<\/Contents>/,
        '',
      ),
    ],
  ])('%s with a good status does not mean that nothing is saved', async (_, body) => {
    await memory.write('acme', bytesOf('x'), null, never);
    proxy.fault(({ method }) => method === 'GET', answer(body));
    await expect(memory.groups(never)).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
    await expect(memory.read('acme', never)).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
    proxy.clear();
    expect(await memory.groups(never)).toEqual(['acme']);
  });

  it('another conditional write under way is no error: somebody else has written', async () => {
    proxy.fault(() => true, { kind: 'status', status: 409, code: 'ConditionalRequestConflict' });
    expect(await memory.write('acme', bytesOf('x'), null, never)).toBeNull();
  });

  it('an abandoned call ends at once', async () => {
    proxy.fault(() => true, { kind: 'hang' });
    const stop = new AbortController();
    const reading = memory.read('acme', stop.signal);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
  });
});

describe('the copy of the status', () => {
  it('lies under the name of the machine, and is the document', async () => {
    const client = createTestClient(proxy.url);
    const name = () => 'ip-10-0-0-1.ec2/../internal';
    const copy = createS3StatusCopy({ client, bucket: bucket.name, system: 'acme', name });
    await copy.send(statusDocument(), never);
    expect(await bucket.keys()).toEqual(['acme/datomic/gateway/status/ip-10-0-0-1.ec2_.._internal.json']);
  });

  it('that may not be put rejects with AWS_DENIED', async () => {
    proxy.fault(() => true, { kind: 'status', status: 403, code: 'AccessDenied' });
    const client = createTestClient(proxy.url);
    const copy = createS3StatusCopy({ client, bucket: bucket.name, system: 'acme', name: () => 'i-1' });
    await expect(copy.send(statusDocument(), never)).rejects.toMatchObject({ code: 'AWS_DENIED' });
  });
});
