import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import { releaseDigest, snapshotIdOf } from '../../../agent/core/digest.ts';
import { readEntries } from '../../../agent/core/properties/entries.ts';
import type { Release, RenderingInputs } from '../../../agent/core/release.ts';
import { type CannotRender, renderRelease, stickInputs } from '../../../agent/core/rendering.ts';
import type { Snapshot, SourceFile } from '../../../agent/core/types.ts';
import { renderingInputs, sourceFile, sourceFiles, textOf } from '../../support/releases.ts';

const PLAIN = 'connector.name=datomic\ndatomic.databases=[orders]\n';
const PRESTO = { name: 'presto', version: '350', java: '17.0.15' };
const TRINO = { name: 'trino', version: '476', java: '25.0.1' };

function snapshotOf(texts: Readonly<Record<string, string>>, overrides: Partial<Snapshot> = {}): Snapshot {
  const files = sourceFiles(texts);
  return {
    id: snapshotIdOf(files, sha256),
    group: 'acme',
    files,
    origin: { at: 1, by: 'ann' },
    allow: [],
    ...overrides,
  };
}

function tryRender(
  texts: Readonly<Record<string, string>>,
  inputs: Partial<RenderingInputs> = {},
  keptFiles: readonly SourceFile[] = [],
  snapshot: Partial<Snapshot> = {},
): Release | CannotRender {
  return renderRelease({
    snapshot: snapshotOf(texts, snapshot),
    kept: { paths: keptFiles.map((file) => file.path), files: keptFiles },
    inputs: renderingInputs(inputs),
    sha256,
  });
}

function render(...args: Parameters<typeof tryRender>): Release {
  const release = tryRender(...args);
  if ('kind' in release) throw new Error(release.reason);
  return release;
}

function catalogOf(release: Release): string {
  return textOf(release.etc, 'catalog/a.properties') ?? '';
}

function clientConfigOf(release: Release): string | undefined {
  const file = release.etc.find(({ path }) => path === 'catalog/a.properties');
  return file === undefined ? undefined : readEntries(file.bytes).get('datomic.client.config');
}

const ALL =
  '{:server-type :cloud :region "eu-west-1" :system "acme" :endpoint "http://entry.acme.eu-west-1.datomic.net:8182/"}';
const ENDPOINT = ':endpoint "http://entry.acme.eu-west-1.datomic.net:8182/"';

describe('a Datomic catalog gets the client endpoint that it lacks', () => {
  test.each<[string, string, string | undefined]>([
    ['no client map at all', PLAIN, ALL],
    ['no line end at the end of the file', PLAIN.trimEnd(), ALL],
    ['a continuation at the end of the file swallows nothing', `${PLAIN}x=1\\`, ALL],
    ['a continuation and a line end', `${PLAIN}x=1\\\n`, ALL],
    ['a continuation and an old Macintosh line end', `${PLAIN}x=1\\\r`, ALL],
    ['a continuation and a Windows line end', `${PLAIN}x=1\\\r\n`, ALL],
    ['a continuation of nothing', `${PLAIN}\\`, ALL],
    ['a comment that ends in a backslash', `${PLAIN}# x\\`, ALL],
    ['a client map in a comment', `${PLAIN}#datomic.client.config={:server-type :cloud}\n`, ALL],
    ['Windows line ends', PLAIN.replaceAll('\n', '\r\n'), ALL],
    [
      'a cloud client map without an endpoint',
      `${PLAIN}datomic.client.config={:server-type :cloud :timeout 1000}\n`,
      `{:server-type :cloud :timeout 1000 ${ENDPOINT}}`,
    ],
    [
      'an ion client map without an endpoint',
      `${PLAIN}datomic.client.config = {:server-type :ion, :proxy-port 8182,}  \n`,
      `{:server-type :ion, :proxy-port 8182, ${ENDPOINT}}  `,
    ],
    [
      'a map that spells its backslashes and other letters',
      `${PLAIN}datomic.client.config={:server-type :cloud :creds-profile "gr\\u00fcn\\\\\\\\x"}\n`,
      `{:server-type :cloud :creds-profile "grün\\\\x" ${ENDPOINT}}`,
    ],
    [
      'a map with a tag that only the connector knows',
      `${PLAIN}datomic.client.config={:server-type :cloud :x #acme/creds {}}\n`,
      `{:server-type :cloud :x #acme/creds {} ${ENDPOINT}}`,
    ],
    ['an empty map', `${PLAIN}datomic.client.config={}\n`, `{ ${ENDPOINT}}`],
  ])('%s', (_, text, expected) => {
    const release = render({ 'catalog/a.properties': text });
    expect(clientConfigOf(release)).toBe(expected);
    expect(catalogOf(release).startsWith(text)).toBe(true);
    expect(textOf(release.source, 'catalog/a.properties')).toBe(text);
  });

  test('what else the catalog says is what it said', () => {
    const text = `${PLAIN}x=1\\`;
    const release = render({ 'catalog/a.properties': text });
    const entries = readEntries(new TextEncoder().encode(catalogOf(release)));
    expect(Object.fromEntries(entries)).toEqual({
      'connector.name': 'datomic',
      'datomic.databases': '[orders]',
      x: '1',
      'datomic.client.config': ALL,
    });
  });

  test.each<[string, Partial<RenderingInputs>, string]>([
    ['another group', { group: 'queries' }, 'http://entry.queries.eu-west-1.datomic.net:8182/'],
    ['another template', { clientEndpoint: 'http://{system}.{group}:1/' }, 'http://acme.acme:1/'],
    ['a template with quotes', { clientEndpoint: 'http://"\\' }, 'http://\\"\\\\'],
  ])('the endpoint follows %s', (_, inputs, expected) => {
    expect(clientConfigOf(render({ 'catalog/a.properties': PLAIN }, inputs))).toContain(`"${expected}"`);
  });
});

describe('a catalog is left byte for byte', () => {
  test.each([
    ['that names its endpoint', `${PLAIN}datomic.client.config={:server-type :cloud :endpoint "x"}\n`],
    ['of a peer server', `${PLAIN}datomic.client.config={:server-type :peer-server :secret "x"}\n`],
    ['of another connector', 'connector.name=tpch\n'],
    ['that is empty', ''],
  ])('%s', (_, text) => {
    const release = render({ 'catalog/a.properties': text }, { region: null, system: null });
    expect(catalogOf(release)).toBe(text);
  });
});

describe('without what the endpoint is made of there is no release, and the reason names what is missing', () => {
  const partial = `${PLAIN}datomic.client.config={:server-type :cloud}\n`;
  test.each<[string, string, Partial<RenderingInputs>, RegExp]>([
    ['no region', PLAIN, { region: null }, /catalog\/a\.properties.*region/],
    ['no system', PLAIN, { system: null }, /catalog\/a\.properties.*system/],
    ['no region for the endpoint alone', partial, { region: null }, /region/],
  ])('%s', (_, text, inputs, reason) => {
    const release = tryRender({ 'catalog/a.properties': text }, inputs);
    expect(release).toMatchObject({ kind: 'cannot-render', reason: expect.stringMatching(reason) });
  });

  test('an endpoint that needs neither is rendered without them', () => {
    const inputs = { region: null, system: null, clientEndpoint: 'http://fixed:1/' };
    expect(clientConfigOf(render({ 'catalog/a.properties': partial }, inputs))).toBe(
      '{:server-type :cloud :endpoint "http://fixed:1/"}',
    );
  });
});

test('a region learnt late changes nothing where nothing was rendered with it', () => {
  const texts = { 'catalog/a.properties': 'connector.name=tpch\n', 'datomic/a.edn': '{}' };
  const early = render(texts, { region: null });
  const late = renderRelease({
    snapshot: snapshotOf(texts),
    kept: { paths: [], files: [] },
    inputs: stickInputs(early.inputs, renderingInputs({ region: 'eu-west-1' })),
    sha256,
  });
  expect(late).toEqual(early);
});

test('a region once rendered stays when metadata is away', () => {
  const early = render({ 'catalog/a.properties': PLAIN });
  const again = render(
    { 'catalog/a.properties': PLAIN },
    stickInputs(early.inputs, renderingInputs({ region: null })),
  );
  expect(again).toEqual(early);
});

test('kept files are part of source and live etc, and named; what the source has again is the source’s', () => {
  const old = [sourceFile('datomic/a.edn', 'old'), sourceFile('datomic/b.edn', 'old')];
  const release = render(
    { 'catalog/x.properties': 'connector.name=tpch\n', 'datomic/b.edn': 'new' },
    {},
    old,
  );
  expect(release.kept).toEqual(['datomic/a.edn']);
  expect(textOf(release.etc, 'datomic/a.edn')).toBe('old');
  expect(textOf(release.source, 'datomic/b.edn')).toBe('new');
});

test('catalogs are named in order, and foreign files are no part of a release', () => {
  const release = render({
    'catalog/b.properties': 'connector.name=tpch\n',
    'catalog/a.properties': 'connector.name=tpch\n',
    'notes.txt': 'x',
    'config.properties': 'coordinator=false\n',
  });
  expect(release.facts.catalogs).toEqual(['a', 'b']);
  expect(release.source.map((file) => file.path)).toEqual(['catalog/a.properties', 'catalog/b.properties']);
  expect(textOf(release.etc, 'config.properties')).toContain('coordinator=true');
});

test('the name is that of the content: who asked and when do not count, everything else does', () => {
  const texts = { 'catalog/a.properties': PLAIN, 'datomic/a.edn': '{}' };
  const release = render(texts);
  expect(release.facts.digest).toBe(releaseDigest(release, sha256));
  expect(render(texts, {}, [], { origin: { at: 2, by: 'bob' } }).facts.digest).toBe(release.facts.digest);
  const others = [
    render({ ...texts, 'datomic/a.edn': '{} ' }),
    render(texts, { group: 'queries' }),
    render(texts, { region: 'us-east-1' }),
    render(texts, { listen: { host: '127.0.0.1', port: 1 } }),
    render({ 'catalog/a.properties': PLAIN }, {}, [sourceFile('datomic/a.edn', '{}')]),
  ];
  const digests = others.map(({ facts }) => facts.digest);
  expect(new Set([release.facts.digest, ...digests]).size).toBe(others.length + 1);
});

describe('the engine’s own files', () => {
  const entriesOf = (release: Release, path: string) =>
    Object.fromEntries(readEntries(new TextEncoder().encode(textOf(release.etc, path))));

  test('one node on loopback that is coordinator and worker, with what PrestoSQL needs', () => {
    const release = render({}, { engine: PRESTO, system: 'My-System' });
    expect(entriesOf(release, 'config.properties')).toEqual({
      coordinator: 'true',
      'node-scheduler.include-coordinator': 'true',
      'http-server.http.port': '8989',
      'discovery-server.enabled': 'true',
      'discovery.uri': 'http://127.0.0.1:8989',
      'node.environment': 'my_system',
      'node.id': 'gateway-my_system',
      'node.bind-ip': '127.0.0.1',
      'node.internal-address': '127.0.0.1',
    });
    expect(entriesOf(release, 'node.properties')).toEqual({
      'node.environment': 'my_system',
      'node.id': 'gateway-my_system',
      'node.bind-ip': '127.0.0.1',
      'node.internal-address': '127.0.0.1',
      'node.data-dir': '/var/lib/datomic-analytics/data',
    });
  });

  test('Trino is not told what it no longer knows', () => {
    const config = entriesOf(render({}, { engine: TRINO, queryMemoryBytes: 1024 ** 3 }), 'config.properties');
    expect(config).not.toHaveProperty(['discovery-server.enabled']);
    expect(config).not.toHaveProperty(['query.max-total-memory-per-node']);
    expect(config['query.max-memory-per-node']).toBe('1073741824B');
  });

  test('JVM options stand one a line, with nothing else', () => {
    const release = render({}, { engine: PRESTO });
    expect(textOf(release.etc, 'jvm.config')).toBe(
      release.inputs.memoryPlan.jvmFlags.map((flag) => `${flag}\n`).join(''),
    );
  });

  test.each([
    ['localhost', '127.0.0.1', 'http://127.0.0.1:8989'],
    ['127.0.0.2', '127.0.0.2', 'http://127.0.0.2:8989'],
    ['[::1]', '::1', 'http://[::1]:8989'],
    ['analytics.internal', '127.0.0.1', 'http://127.0.0.1:8989'],
  ])('an engine at %s binds %s', (host, address, uri) => {
    const config = entriesOf(render({}, { listen: { host, port: 8989 } }), 'config.properties');
    expect([config['node.bind-ip'], config['discovery.uri']]).toEqual([address, uri]);
  });

  test.each([
    ['my-system', 'my_system'],
    ['_x', 'x'],
    ['3rd.System', '3rd_system'],
    ['---', 'gateway'],
    ['ÄÖ', 'gateway'],
  ])('the system %s is the environment %s', (system, environment) => {
    const config = entriesOf(render({}, { system }), 'config.properties');
    expect(config['node.environment']).toBe(environment);
  });

  test('a query memory that the engine would refuse to start with is refused here, with the limit', () => {
    const release = tryRender({}, { queryMemoryBytes: 8 * 1024 ** 3 });
    expect(release).toMatchObject({
      kind: 'cannot-render',
      reason: expect.stringMatching(/8192MiB.*at most/),
    });
  });

  test('no path of the started copy is in a release', () => {
    const release = render({ 'catalog/a.properties': PLAIN }, { engine: PRESTO });
    for (const file of release.etc)
      expect(new TextDecoder().decode(file.bytes)).not.toMatch(/started|config-dir/);
  });
});
