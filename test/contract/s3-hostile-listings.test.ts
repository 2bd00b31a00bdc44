/** Listings as no S3 should write them. What cannot be a whole listing of what was asked for is torn, never empty. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createS3ConfigSource } from '../../agent/adapters/s3-source.ts';
import type { ConfigSource } from '../../agent/ports.ts';
import { createFaultProxy, type Fault, type FaultProxy, isListing } from '../support/fault-proxy.ts';
import { type PageObject, printObject, printPage } from '../support/listing-page.ts';
import { createTestClient } from '../support/moto.ts';

const PREFIX = 'acme/datomic/analytics/';
const ETC = `${PREFIX}acme/etc/`;
const CALL_TIMEOUT_MS = 2_000;
const MiB = 1024 ** 2;
const never = () => new AbortController().signal;
const GOOD = { key: `${ETC}datomic/a.edn` };

let proxy: FaultProxy;
let client: ReturnType<typeof createTestClient>;
let source: ConfigSource;

beforeEach(async () => {
  proxy = await createFaultProxy({ target: inject('motoEndpoint') });
  client = createTestClient(proxy.url);
  const uri = 's3://a-bucket';
  source = createS3ConfigSource({
    client,
    uri,
    system: 'acme',
    group: 'acme',
    callTimeoutMs: CALL_TIMEOUT_MS,
  });
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
});

const page = (objects: readonly PageObject[], more: { prefix?: string; prolog?: string } = {}): string =>
  printPage({ prefix: PREFIX, contents: objects.map(printObject), ...more });
const answer = (body: string): Fault => ({ kind: 'answer', status: 200, body });
const listAll = (body: string) => {
  proxy.fault(isListing, answer(body));
  return source.list(never());
};
/** The n-th request of a listing gets the n-th page; the last page again and again. */
const servePages = (pages: (asked: number) => string) => {
  let asked = 0;
  proxy.fault(isListing, {
    kind: 'serve',
    serve: async () => {
      asked += 1;
      return { status: 200, body: pages(asked) };
    },
  });
  return { count: () => asked };
};

describe('a listing that is no listing of what was asked for', () => {
  test.each<[title: string, body: string]>([
    ['of another prefix', page([], { prefix: 'other/' })],
    ['of another prefix, with objects', page([{ key: 'other/x' }], { prefix: 'other/' })],
    ['that does not say of which prefix', page([]).replace(/<Prefix>.*<\/Prefix>/, '')],
    ['with a key outside of the prefix', page([GOOD, { key: 'other/key' }])],
    ['with an empty key', page([GOOD, { key: '' }])],
    ['with one key twice', page([GOOD, GOOD])],
    ['with one key twice, in two versions', page([GOOD, { ...GOOD, etag: '&quot;f&quot;' }])],
    [
      'with half of its objects cut out',
      page([GOOD, { key: `${ETC}x` }]).replace(/<Contents>.*?<\/Contents>/s, ''),
    ],
    ['with all of its objects cut out', page([GOOD]).replace(/<Contents>.*<\/Contents>/s, '')],
    ['cut before its objects', page([GOOD]).replace(/<IsTruncated>.*(?=<\/ListBucketResult>)/s, '')],
    ['that ends after an object', page([GOOD, GOOD]).replace(/(<\/Contents>).*$/s, '$1')],
    ['with a count that counts nothing', page([GOOD]).replace('<KeyCount>1', '<KeyCount>x')],
    ['with two counts', page([GOOD]).replace('<KeyCount>', '<KeyCount>1</KeyCount><KeyCount>')],
    [
      'with a hundred thousand elements in each other',
      page([]).replace('<Max', `${'<a>'.repeat(100_000)}<Max`),
    ],
  ])('(%s) is torn', async (_, body) => {
    await expect(listAll(body)).rejects.toMatchObject({ name: 'AgentError', code: 'SOURCE_TORN' });
  });

  test.each<[what: string, object: Partial<PageObject>]>([
    ...['-1', '1.5', 'NaN', 'Infinity', '9007199254740993', 'abc'].map(
      (size): [string, Partial<PageObject>] => [`size "${size}"`, { size }],
    ),
    ...['yesterday', '', '2026-13-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'].map(
      (modifiedAt): [string, Partial<PageObject>] => [`time "${modifiedAt}"`, { modifiedAt }],
    ),
    ...['', '&quot;&quot;', 'a&#13;&#10;b', '&quot;a&quot;b&quot;', '\u00e9', 'x'.repeat(100_000)].map(
      (etag): [string, Partial<PageObject>] => [`tag "${etag.slice(0, 20)}"`, { etag }],
    ),
  ])('an object with the %s makes it torn', async (_, object) => {
    await expect(listAll(page([{ ...GOOD, ...object }]))).rejects.toMatchObject({ code: 'SOURCE_TORN' });
  });
});

describe('pages of a listing', () => {
  const part = (index: number, next: string | null) =>
    printPage({ prefix: PREFIX, contents: [printObject({ key: `${ETC}datomic/m${index}.edn` })], next });

  test.each<[title: string, pages: (asked: number) => string]>([
    ['that repeat themselves', () => part(1, 'again')],
    ['whose token leads back to the first', (asked) => part(asked % 2, asked % 2 === 0 ? 'a' : 'b')],
    ['whose token never changes', (asked) => part(asked, 'same')],
    ['of which one drops its token', (asked) => part(asked, 't').replace(/<Next.*Token>/, '')],
    ['that come twice', (asked) => part(Math.ceil(asked / 2), asked === 4 ? null : `t${asked}`)],
  ])('(%s) are torn, after few requests', async (_, pages) => {
    const served = servePages(pages);
    await expect(source.list(never())).rejects.toMatchObject({ code: 'SOURCE_TORN' });
    expect(served.count()).toBeLessThanOrEqual(4);
  });

  test('that never end are torn after a bounded number of requests', async () => {
    const served = servePages((asked) => part(asked, `t${asked}`));
    await expect(source.list(never())).rejects.toMatchObject({ code: 'SOURCE_TORN' });
    expect(served.count()).toBeLessThanOrEqual(100);
  });

  test('come in any order', async () => {
    servePages((asked) => part(4 - asked, asked === 3 ? null : `t${asked}`));
    const listed = await source.list(never());
    expect(listed.map(({ path }) => path)).toEqual(['datomic/m3.edn', 'datomic/m2.edn', 'datomic/m1.edn']);
  });
});

describe('an answer without end', () => {
  test.each<[title: string, fault: Fault, code: string]>([
    ['a listing', { kind: 'endless-body' }, 'SOURCE_TORN'],
    ['a listing that announces 5 GB', { kind: 'endless-body', contentLength: 5e9 }, 'SOURCE_TORN'],
    ['the document of a 500', { kind: 'endless-body', status: 500 }, 'SOURCE_UNREACHABLE'],
    ['the document of a 503', { kind: 'endless-body', status: 503 }, 'SOURCE_UNREACHABLE'],
    ['the document of a 403', { kind: 'endless-body', status: 403 }, 'SOURCE_DENIED'],
  ])('(%s) takes little memory, and ends long before the deadline', async (_, fault, code) => {
    proxy.fault(isListing, fault);
    const before = process.memoryUsage.rss();
    let peak = before;
    const sampler = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 5);
    const startedAt = performance.now();
    await expect(source.list(never())).rejects.toMatchObject({ code });
    clearInterval(sampler);
    expect(performance.now() - startedAt).toBeLessThan(CALL_TIMEOUT_MS);
    expect((peak - before) / MiB).toBeLessThan(128);
  });
});

describe('an XML document with entities of its own', () => {
  const nested = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`);
  test.each<[title: string, prolog: string, name: string]>([
    ['a bomb', `<!DOCTYPE x [<!ENTITY l0 "lol">${nested.join('')}]>`, 'datomic/&l9;x.edn'],
    [
      'one long one many times',
      `<!DOCTYPE x [<!ENTITY a "${'A'.repeat(20_000)}">]>`,
      `${'&a;'.repeat(20_000)}.edn`,
    ],
    ['a file of this machine', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 'datomic/&a;.edn'],
  ])('(%s) is not followed', async (_, prolog, name) => {
    const startedAt = performance.now();
    const listed = await listAll(page([{ key: `${ETC}${name}` }], { prolog })).catch(
      (error: unknown) => error,
    );
    expect(performance.now() - startedAt).toBeLessThan(CALL_TIMEOUT_MS);
    // Torn, or a short path: nothing was put in the entity's place.
    expect(JSON.stringify(listed).length).toBeLessThan(1_000);
    expect(JSON.stringify(listed)).not.toMatch(/lollol|AAAA|root:/u);
  });
});
