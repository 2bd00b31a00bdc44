import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../agent/adapters/sha256.ts';
import type { EngineIdentity } from '../../../agent/core/engine/identity.ts';
import { fingerprintOf } from '../../../agent/core/fingerprint.ts';
import { STAND_IN, sourceFiles } from '../../support/releases.ts';

const BASE = {
  'catalog/orders.properties': 'connector.name=datomic\ndatomic.databases=[a b]\n',
  'config.properties': 'coordinator=true\nhttp-server.http.port=8989\n',
  'jvm.config': '-Xmx1g\n-XX:+UseG1GC\n',
  'node.properties': 'node.environment=acme\n',
  'datomic/orders.edn': '{:tables {}}',
};

const of = (texts: Readonly<Record<string, string>>, engine: EngineIdentity = STAND_IN) =>
  fingerprintOf({ etc: sourceFiles({ ...BASE, ...texts }), engine, sha256 });

describe('no restart is needed for', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['a comment', { 'catalog/orders.properties': `# why\n${BASE['catalog/orders.properties']}` }],
    ['the order of keys', { 'catalog/orders.properties': 'datomic.databases=[a b]\nconnector.name=datomic' }],
    [
      'spacing',
      { 'catalog/orders.properties': 'connector.name :  datomic\r\n\r\ndatomic.databases = [a b]\n' },
    ],
    [
      'blanks behind a value, which the engine trims',
      { 'catalog/orders.properties': 'connector.name=datomic \t\ndatomic.databases=[a b] \n' },
    ],
    [
      'a continuation',
      { 'catalog/orders.properties': 'connector.name=dat\\\n  omic\ndatomic.databases=[a b]\n' },
    ],
    ['an escape', { 'catalog/orders.properties': 'connector.name=\\u0064atomic\ndatomic.databases=[a b]\n' }],
    [
      'the order in an engine file',
      { 'config.properties': 'http-server.http.port=8989\n#x\ncoordinator = true' },
    ],
    ['blank lines between JVM options', { 'jvm.config': '# heap\n-Xmx1g\n\n  -XX:+UseG1GC' }],
    ['a metaschema', { 'datomic/orders.edn': '{:tables {:order/id {}}}' }],
    ['a new metaschema', { 'datomic/more.edn': '{}' }],
  ])('%s', (_, texts) => {
    expect(of(texts)).toBe(of({}));
  });
});

describe('a restart is needed for', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    [
      'another database',
      { 'catalog/orders.properties': 'connector.name=datomic\ndatomic.databases=[a c]\n' },
    ],
    ['a key less', { 'catalog/orders.properties': 'connector.name=datomic\n' }],
    ['a new catalog', { 'catalog/stock.properties': 'connector.name=datomic\n' }],
    ['another port', { 'config.properties': 'coordinator=true\nhttp-server.http.port=8990\n' }],
    ['another heap', { 'jvm.config': '-Xmx2g\n-XX:+UseG1GC\n' }],
    ['the order of JVM options', { 'jvm.config': '-XX:+UseG1GC\n-Xmx1g\n' }],
    ['another environment', { 'node.properties': 'node.environment=other\n' }],
  ])('%s', (_, texts) => {
    expect(of(texts)).not.toBe(of({}));
  });

  test('a renamed catalog', () => {
    const { 'catalog/orders.properties': text, ...rest } = BASE;
    const renamed = fingerprintOf({
      etc: sourceFiles({ ...rest, 'catalog/renamed.properties': text }),
      engine: STAND_IN,
      sha256,
    });
    expect(renamed).not.toBe(of({}));
  });

  test.each<[string, EngineIdentity]>([
    ['another engine', { ...STAND_IN, name: 'presto' }],
    ['another release of it', { ...STAND_IN, version: '349' }],
    ['another Java', { ...STAND_IN, java: '17.0.16' }],
  ])('%s', (_, engine) => {
    expect(of({}, engine)).not.toBe(of({}));
  });
});
