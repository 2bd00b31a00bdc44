import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createS3ConfigSource } from '../../agent/adapters/s3-source.ts';
import type { ErrorCode } from '../../agent/core/errors.ts';
import type { ConfigSource, ListedObject } from '../../agent/ports.ts';
import { createFaultProxy, type Fault, type FaultProxy, isGetOf, isListing } from '../support/fault-proxy.ts';
import { createBucket, createTestClient, type TestBucket } from '../support/moto.ts';

const PREFIX = 'acme/datomic/analytics/';
const CALL_TIMEOUT_MS = 700;
const CONTENT = `{:tables {}} ${';'.repeat(4_000)}`;
const never = () => new AbortController().signal;

let proxy: FaultProxy;
let bucket: TestBucket;
let client: ReturnType<typeof createTestClient>;
let source: ConfigSource;
let listed: ListedObject;

const createSource = (uri: string) =>
  createS3ConfigSource({ client, uri, system: 'acme', group: 'acme', callTimeoutMs: CALL_TIMEOUT_MS });

beforeEach(async () => {
  proxy = await createFaultProxy({ target: inject('motoEndpoint') });
  bucket = await createBucket();
  client = createTestClient(proxy.url);
  source = createSource(`s3://${bucket.name}`);
  await bucket.put(`${PREFIX}acme/etc/datomic/a.edn`, CONTENT);
  await bucket.put(`${PREFIX}acme/etc/manifest.json`, '{"version":1}');
  const found = (await source.list(never())).find(({ path }) => path === 'datomic/a.edn');
  if (found === undefined) throw new Error('not listed');
  listed = found;
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
});

const calls: Record<string, () => Promise<unknown>> = {
  list: () => source.list(never()),
  read: () => source.read(listed, never()),
  manifest: () => source.readManifest('acme', null, never()),
};
const ALL = Object.keys(calls);
const ON_BODY = ['read', 'manifest'];

const status = (code: number, name: string): Fault => ({ kind: 'status', status: code, code: name });
const page = (body: string): Fault => ({ kind: 'answer', status: 200, body });
const ERROR_DOCUMENT = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>x</Message></Error>';
const LOG_IN = '<html><body>Please log in<br></body></html>';
const HALF_LISTING = `<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated><Contents><Key>${PREFIX}acme/etc/datomic/a.edn</Key>`;
const MISCOUNTED = `<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`;
const ENDLESS = `<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>0</KeyCount><IsTruncated>true</IsTruncated></ListBucketResult>`;

const ROWS: readonly [title: string, on: readonly string[], fault: Fault, code: ErrorCode][] = [
  ['403 AccessDenied', ALL, status(403, 'AccessDenied'), 'SOURCE_DENIED'],
  ['403 InvalidAccessKeyId', ALL, status(403, 'InvalidAccessKeyId'), 'SOURCE_DENIED'],
  ['400 ExpiredToken', ALL, status(400, 'ExpiredToken'), 'SOURCE_DENIED'],
  ['404 NoSuchBucket', ALL, status(404, 'NoSuchBucket'), 'SOURCE_MISSING'],
  ['404 NoSuchKey to a listing', ['list'], status(404, 'NoSuchKey'), 'SOURCE_DENIED'],
  ['301 to another region', ALL, status(301, 'PermanentRedirect'), 'SOURCE_MISSING'],
  ['429', ALL, status(429, 'TooManyRequests'), 'SOURCE_THROTTLED'],
  ['503 SlowDown', ALL, status(503, 'SlowDown'), 'SOURCE_THROTTLED'],
  ['500 InternalError', ALL, status(500, 'InternalError'), 'SOURCE_UNREACHABLE'],
  ['503 of a proxy', ALL, { kind: 'answer', status: 503, body: LOG_IN }, 'SOURCE_UNREACHABLE'],
  ['502 without a body', ALL, { kind: 'answer', status: 502, body: '' }, 'SOURCE_UNREACHABLE'],
  ['a reset connection', ALL, { kind: 'reset' }, 'SOURCE_UNREACHABLE'],
  ['no answer at all', ALL, { kind: 'hang' }, 'SOURCE_UNREACHABLE'],
  ['a first byte after the deadline', ALL, { kind: 'delay', ms: 5_000 }, 'SOURCE_UNREACHABLE'],
  ['a body that stalls', ON_BODY, { kind: 'stall-body', afterBytes: 5 }, 'SOURCE_TORN'],
  ['a listing that stalls', ['list'], { kind: 'stall-body', afterBytes: 50 }, 'SOURCE_UNREACHABLE'],
  ['a body that is cut short', ON_BODY, { kind: 'truncate-body', afterBytes: 5 }, 'SOURCE_TORN'],
  ['a listing that is cut short', ['list'], { kind: 'truncate-body', afterBytes: 50 }, 'SOURCE_TORN'],
  ['a body with headers only', ON_BODY, { kind: 'truncate-body', afterBytes: 0 }, 'SOURCE_TORN'],
  ['200 with an error document', ['list'], page(ERROR_DOCUMENT), 'SOURCE_UNREACHABLE'],
  ['200 with a log-in page', ['list'], page(LOG_IN), 'SOURCE_TORN'],
  ['200 with nothing', ['list'], page(''), 'SOURCE_TORN'],
  ['200 with half a listing', ['list'], page(HALF_LISTING), 'SOURCE_TORN'],
  ['200 with fewer objects than counted', ['list'], page(MISCOUNTED), 'SOURCE_TORN'],
  ['200 with a page that has no next', ['list'], page(ENDLESS), 'SOURCE_TORN'],
  ['a body that fails its checksum', ON_BODY, { kind: 'corrupt-body' }, 'SOURCE_TORN'],
  ['200 with another body than listed', ['read'], page('{:other 1}'), 'SOURCE_TORN'],
];

describe('a call to S3 that goes wrong', () => {
  test.each(
    ROWS.flatMap(([title, on, fault, code]) => on.map((call) => [call, title, code, fault] as const)),
  )('%s: %s is %s, within its deadline, and the next call is well', async (call, _title, code, fault) => {
    const run = calls[call];
    if (run === undefined) throw new Error(call);
    proxy.fault(() => true, fault);
    const startedAt = performance.now();
    await expect(run()).rejects.toMatchObject({ name: 'AgentError', code });
    expect(performance.now() - startedAt).toBeLessThan(CALL_TIMEOUT_MS + 1_500);
    proxy.clear();
    await expect(run()).resolves.toBeTruthy();
  });

  test('a refused connection is unreachable, and the source comes back by itself', async () => {
    await proxy.refuse();
    await expect(source.list(never())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    await proxy.accept();
    expect(await source.list(never())).toHaveLength(2);
  });

  test('a server that takes connections and never speaks is unreachable within the deadline', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const deaf = createTestClient(`http://127.0.0.1:${port}`);
    const unheard = createS3ConfigSource({
      client: deaf,
      uri: source.uri,
      system: 'acme',
      group: 'acme',
      callTimeoutMs: 300,
    });
    await expect(unheard.list(never())).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
    deaf.destroy();
    silent.close();
  });

  test('an abandoned call ends at once, also in the middle of a body', async () => {
    proxy.fault(isGetOf('a.edn'), { kind: 'stall-body', afterBytes: 5 });
    const controller = new AbortController();
    const read = source.read(listed, controller.signal);
    proxy.after(async () => controller.abort());
    const startedAt = performance.now();
    await expect(read).rejects.toMatchObject({ name: 'AgentError' });
    expect(performance.now() - startedAt).toBeLessThan(CALL_TIMEOUT_MS);
  });

  test('one try a call: the SDK does not retry beside the reader', async () => {
    proxy.fault(isListing, status(503, 'SlowDown'));
    const before = proxy.requests.length;
    await expect(source.list(never())).rejects.toMatchObject({ code: 'SOURCE_THROTTLED' });
    expect(proxy.requests.length - before).toBe(1);
  });

  test('an error carries bucket, key and status, and never credentials', async () => {
    proxy.fault(() => true, status(403, 'AccessDenied'));
    const error = await source.read(listed, never()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      fields: { bucket: bucket.name, key: `${PREFIX}acme/etc/datomic/a.edn`, status: 403 },
    });
  });
});

describe('reading from S3', () => {
  test('a slow first byte within the deadline is waited for', async () => {
    proxy.fault(() => true, { kind: 'delay', ms: 200 });
    expect(await source.read(listed, never())).toHaveLength(CONTENT.length);
  });

  test('an object replaced in mid-read is not read: the condition travels with the request', async () => {
    proxy.before(async ({ key }) => {
      if (key.endsWith('a.edn')) await bucket.put(key, 'replaced');
    });
    expect(await source.read(listed, never())).toBeNull();
    expect(proxy.requests.at(-1)?.headers['if-match']).toMatch(/^"[0-9a-f]+"$/);
  });

  test('the poll of an unchanged manifest is one request that is answered with 304 and no body', async () => {
    const first = await source.readManifest('acme', null, never());
    if (first.kind !== 'found') throw new Error(first.kind);
    const before = proxy.requests.length;
    expect(await source.readManifest('acme', first.tag, never())).toEqual({ kind: 'unchanged' });
    expect(proxy.requests.slice(before)).toMatchObject([{ method: 'GET', status: 304 }]);
  });

  test('a huge manifest is read only far enough to be refused', async () => {
    await bucket.put(`${PREFIX}acme/etc/manifest.json`, new Uint8Array(3 * 1024 * 1024));
    const read = await source.readManifest('acme', null, never());
    expect(read.kind === 'found' ? read.bytes.length : read.kind).toBe(1024 * 1024 + 1);
  });

  test('polling and listing keep one connection', async () => {
    const ports = new Set<number>();
    for (let turn = 0; turn < 20; turn += 1) {
      await source.readManifest('acme', turn % 2 === 0 ? null : listed.tag, never());
      await source.list(never());
    }
    for (const { clientPort } of proxy.requests) ports.add(clientPort);
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe('layouts in S3', () => {
  test('the original layout: one listing shows all groups of the system, and nothing else', async () => {
    await bucket.put(`${PREFIX}q1/etc/catalog/x.properties`, 'x');
    await bucket.put(`${PREFIX}q1/other/x.properties`, 'not in etc');
    await bucket.put(`${PREFIX}loose.txt`, 'in no group');
    await bucket.put('acme/datomic/gateway/baseline/acme.json', '{}');
    await bucket.put('other/datomic/analytics/other/etc/catalog/x.properties', 'another system');
    const shown = (await source.list(never())).map(({ group, path }) => `${group}:${path}`).sort();
    expect(shown).toEqual(['acme:datomic/a.edn', 'acme:manifest.json', 'q1:catalog/x.properties']);
  });

  test('a prefix is the etc directory of one named group, with or without a slash at its end', async () => {
    await bucket.put('plain/catalog/x.properties', 'x');
    await bucket.put('plainer/catalog/x.properties', 'another prefix');
    for (const uri of [`s3://${bucket.name}/plain/`, `s3://${bucket.name}/plain`]) {
      expect((await createSource(uri).list(never())).map(({ group, path }) => [group, path])).toEqual([
        ['acme', 'catalog/x.properties'],
      ]);
    }
  });

  test('keys with control characters do not spoil the listing', async () => {
    const contents = ['a%01b%0A.edn', 'c+d%2B.edn'].map(
      (name) =>
        `<Contents><Key>${PREFIX}acme/etc/datomic/${name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>1</Size></Contents>`,
    );
    proxy.fault(
      isListing,
      page(
        `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><Prefix>${PREFIX}</Prefix><KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
      ),
    );
    expect(await source.list(never())).toMatchObject([
      { path: 'datomic/a\u0001b\n.edn', tag: 'e', size: 1, modifiedAt: 1_767_225_600_000 },
      { path: 'datomic/c d+.edn' },
    ]);
    expect(proxy.requests.at(-1)?.query.get('encoding-type')).toBe('url');
  });

  test.each(['s3:/bucket', 's3://', 's3://UPPER/', 'http://bucket/'])('%s is no S3 source', (uri) => {
    expect(() => createSource(uri)).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });

  test('the original layout needs the name of the system', () => {
    const create = () => createS3ConfigSource({ client, uri: 's3://bucket', system: null, group: 'acme' });
    expect(create).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});
