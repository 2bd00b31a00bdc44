/** Bodies that are not those of the listed objects, and keys that no file system should see. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createS3ConfigSource } from '../../agent/adapters/s3-source.ts';
import { splitListing } from '../../agent/core/source/listing.ts';
import { classifyPath, isManaged } from '../../agent/core/source/path.ts';
import type { ConfigSource, ListedObject } from '../../agent/ports.ts';
import { createFaultProxy, type Fault, type FaultProxy, isGetOf, isListing } from '../support/fault-proxy.ts';
import { printObject, printPage } from '../support/listing-page.ts';
import { createBucket, createTestClient, type TestBucket } from '../support/moto.ts';

const PREFIX = 'acme/datomic/analytics/';
const ETC = `${PREFIX}acme/etc/`;
const CALL_TIMEOUT_MS = 2_000;
const never = () => new AbortController().signal;

let proxy: FaultProxy;
let bucket: TestBucket;
let client: ReturnType<typeof createTestClient>;
let source: ConfigSource;

beforeEach(async () => {
  proxy = await createFaultProxy({ target: inject('motoEndpoint') });
  bucket = await createBucket();
  client = createTestClient(proxy.url);
  const uri = `s3://${bucket.name}`;
  source = createS3ConfigSource({
    client,
    uri,
    system: 'acme',
    group: 'acme',
    callTimeoutMs: CALL_TIMEOUT_MS,
  });
  await bucket.put(`${ETC}datomic/a.edn`, '{:tables {}}');
  await bucket.put(`${ETC}manifest.json`, '{"version":1}');
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
});

const find = async (path: string): Promise<ListedObject> => {
  const found = (await source.list(never())).find((object) => object.path === path);
  if (found === undefined) throw new Error(`${path} is not listed`);
  return found;
};

describe('a body that is not of the listed object', () => {
  const html = '<html>no</p>';
  test.each<[title: string, fault: Fault, outcome: unknown]>([
    ['a log-in page of the same length', { kind: 'answer', status: 200, body: html }, 'SOURCE_TORN'],
    ['one without a tag', { kind: 'headers', headers: { etag: '' } }, 'SOURCE_TORN'],
    ['one of another version', { kind: 'headers', headers: { etag: '"another"' } }, null],
    ['one that does not end', { kind: 'endless-body' }, 'SOURCE_TORN'],
    ['one that announces 5 GB', { kind: 'endless-body', contentLength: 5e9 }, 'SOURCE_TORN'],
    ['a refusal that does not end', { kind: 'endless-body', status: 403 }, 'SOURCE_DENIED'],
    ['a redirect to a log-in page', { kind: 'answer', status: 302, body: html }, 'SOURCE_TORN'],
    ['nothing, with 204', { kind: 'answer', status: 204, body: '' }, 'SOURCE_TORN'],
    ['a 404 of somebody else', { kind: 'answer', status: 404, body: html }, 'SOURCE_DENIED'],
  ])('(%s) is not taken for it, and ends long before the deadline', async (_, fault, outcome) => {
    const listed = await find('datomic/a.edn');
    proxy.fault(isGetOf('a.edn'), fault);
    const startedAt = performance.now();
    const read = source.read(listed, never());
    if (outcome === null) expect(await read).toBeNull();
    else await expect(read).rejects.toMatchObject({ name: 'AgentError', code: outcome });
    expect(performance.now() - startedAt).toBeLessThan(CALL_TIMEOUT_MS);
  });

  test('an object that is replaced by one of the same length is not read, also where conditions are not kept', async () => {
    const listed = await find('datomic/a.edn');
    await bucket.put(`${ETC}datomic/a.edn`, '{:tables []}');
    proxy.fault(isGetOf('a.edn'), { kind: 'unconditional' });
    expect(await source.read(listed, never())).toBeNull();
  });

  test('a manifest without a tag is torn, not found', async () => {
    proxy.fault(isGetOf('manifest.json'), { kind: 'answer', status: 200, body: html });
    await expect(source.readManifest('acme', null, never())).rejects.toMatchObject({ code: 'SOURCE_TORN' });
  });

  test('a manifest that does not end is read far enough to be refused', async () => {
    proxy.fault(isGetOf('manifest.json'), { kind: 'endless-body', contentLength: 5e9 });
    const read = await source.readManifest('acme', null, never());
    expect(read.kind === 'found' ? read.bytes.length : read.kind).toBe(1024 * 1024 + 1);
  });

  test('an object of 5 GB is listed with its size', async () => {
    const big = printObject({ key: `${ETC}datomic/big.edn`, size: '5368709120' });
    proxy.fault(isListing, {
      kind: 'answer',
      status: 200,
      body: printPage({ prefix: PREFIX, contents: [big] }),
    });
    expect(await source.list(never())).toMatchObject([{ path: 'datomic/big.edn', size: 5 * 1024 ** 3 }]);
  });
});

describe('keys that are hostile', () => {
  const long = (bytes: number) => `${'n'.repeat(bytes - 4)}.edn`;
  const NFC = 'datomic/caf\u00e9.edn';
  const NFD = 'datomic/cafe\u0301.edn';
  /** What each is taken for; as a listing of S3 encodes it. */
  const KEYS: readonly [path: string, kind: string][] = [
    ['../datomic/a.edn', 'foreign'],
    ['datomic/../../../etc/passwd', 'foreign'],
    ['datomic/..', 'foreign'],
    ['datomic/../a.edn', 'foreign'],
    ['./datomic/a.edn', 'foreign'],
    ['/datomic/a.edn', 'foreign'],
    ['//etc/passwd', 'foreign'],
    ['datomic//a.edn', 'foreign'],
    ['datomic\\a.edn', 'foreign'],
    ['datomic/a\0.edn', 'foreign'],
    ['datomic/a.edn\0.txt', 'foreign'],
    ['datomic/a\u0001\u001b[31m\u007f.edn', 'foreign'],
    ['datomic/a\n.edn', 'foreign'],
    ['datomic/a\u0085.edn', 'foreign'],
    ['datomic/a\u2028.edn', 'foreign'],
    ['datomic/.edn', 'foreign'],
    [`datomic/${long(1_024 - ETC.length - 'datomic/'.length)}`, 'foreign'],
    [`datomic/${long(201)}`, 'foreign'],
    [`datomic/${long(200)}`, 'metaschema'],
    ['datomic/', 'ignored'],
    ['datomic/a.edn/', 'ignored'],
    ['', 'ignored'],
    ['datomic/views/../../catalog/x.properties', 'foreign'],
    ['DATOMIC/a.edn', 'foreign'],
    ['datomic/A.edn', 'metaschema'],
    ['datomic/a.EDN', 'foreign'],
    [NFC, 'metaschema'],
    [NFD, 'metaschema'],
    ['Manifest.json', 'foreign'],
    ['manifest.json/', 'ignored'],
  ];

  test('are listed as they are, and only plain files are managed', async () => {
    const contents = KEYS.map(([path]) => printObject({ key: `${ETC}${encodeURIComponent(path)}` }));
    proxy.fault(isListing, { kind: 'answer', status: 200, body: printPage({ prefix: PREFIX, contents }) });
    const listed = await source.list(never());
    expect(listed.map(({ path }) => [path, classifyPath(path).kind])).toEqual(KEYS);
    expect(listed.filter(({ path }) => isManaged(path))).toHaveLength(4);
  });

  test('twins by case and by Unicode form are objects of their own, each with its own bytes', async () => {
    const twins = [NFC, NFD, 'datomic/TWIN.edn', 'datomic/twin.edn'];
    for (const path of twins) await bucket.put(`${ETC}${path}`, `{:x ${JSON.stringify([...path])}}`);
    for (const path of twins) {
      const bytes = await source.read(await find(path), never());
      expect(new TextDecoder().decode(bytes ?? new Uint8Array())).toBe(`{:x ${JSON.stringify([...path])}}`);
    }
  });

  test('of groups that are no names are passed over', async () => {
    const groups = ['..', '.', '', 'a b', 'a\0', '\u00e4', 'x'.repeat(129), '-x', 'plain'];
    const contents = groups.map((group) =>
      printObject({ key: `${PREFIX}${encodeURIComponent(group)}/etc/datomic/a.edn` }),
    );
    proxy.fault(isListing, { kind: 'answer', status: 200, body: printPage({ prefix: PREFIX, contents }) });
    expect([...splitListing(await source.list(never())).keys()]).toEqual(['plain']);
  });
});
