import { describe, expect, test } from 'vitest';
import { planCommand, planJavaLaunch } from '../../../../agent/core/engine/launch.ts';
import { profileOf } from '../../../../agent/core/engine/profile.ts';

const file = (path: string, text: string) => ({ path, bytes: new TextEncoder().encode(text) });
const INPUTS = {
  profile: profileOf({ name: 'presto', version: '350', java: '' }),
  java: { program: '/usr/lib/jvm/17/bin/java', version: '17.0.15' },
  jars: ['b.jar', 'a.jar'],
  home: '/opt/datomic/analytics',
  pluginDir: '/opt/datomic/analytics/plugin',
  startedDir: '/run/datomic-analytics/started',
  dataDir: '/var/lib/datomic-analytics/data',
  etc: [
    file('jvm.config', '-Xmx1g\n# a comment\n\n--add-opens=java.base/java.lang=ALL-UNNAMED\n'),
    file('node.properties', 'node.environment=acme\nnode.id=gateway-acme\nnode.data-dir=/elsewhere\n'),
  ],
  warmOptions: ['-XX:SharedArchiveFile=/opt/datomic/warm.jsa'],
};

/** What the launcher of `java` makes of an argument file. */
const argumentsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(1, -1).replace(/\\(.)/g, '$1'));

describe('the start of a JVM', () => {
  const files = new Map(planJavaLaunch(INPUTS).map(({ path, text }) => [path, text]));
  const options = argumentsOf(files.get('java.args') ?? '');

  test('is java with its argument file', () => {
    expect(files.get('command')).toBe(
      '/usr/lib/jvm/17/bin/java\n@/run/datomic-analytics/started/java.args\n',
    );
  });

  test('has the options of the release first, then what speeds it up, then a class path in a fixed order', () => {
    expect(options.slice(0, 5)).toEqual([
      '-Xmx1g',
      '--add-opens=java.base/java.lang=ALL-UNNAMED',
      '-XX:SharedArchiveFile=/opt/datomic/warm.jsa',
      '-cp',
      '/opt/datomic/analytics/lib/a.jar:/opt/datomic/analytics/lib/b.jar',
    ]);
  });

  test('reads catalogs and configuration from the started copy, and ends with the main class', () => {
    expect(options).toContain('-Dcatalog.config-dir=/run/datomic-analytics/started/catalog');
    expect(options).toContain('-Dconfig=/run/datomic-analytics/started/config.properties');
    expect(options.at(-1)).toBe('io.prestosql.server.PrestoServer');
  });

  test('names its node, with the data directory of this machine', () => {
    expect(options.filter((option) => option.startsWith('-Dnode.'))).toEqual([
      '-Dnode.environment=acme',
      '-Dnode.id=gateway-acme',
      '-Dnode.data-dir=/var/lib/datomic-analytics/data',
    ]);
    expect(options).toContain('-Djava.io.tmpdir=/var/lib/datomic-analytics/data/tmp');
    expect(options).toContain('-Dhttp-server.log.max-size=16MB');
  });

  test('keeps blanks, quotes and backslashes of a path', () => {
    const home = '/opt/an engine/"x"\\y';
    const [launch] = planJavaLaunch({ ...INPUTS, home, jars: ['a.jar'] });
    expect(argumentsOf(launch?.text ?? '')).toContain(`${home}/lib/a.jar`);
  });
});

test('the start of a stand-in is its command, one argument a line', () => {
  expect(planCommand(['/usr/bin/node', '/opt/stand in.mjs'])).toEqual({
    path: 'command',
    text: '/usr/bin/node\n/opt/stand in.mjs\n',
  });
});
