/** The archive of classes and the choice of plugins on real files: homes that only look like an engine's, no JVM. */
import { chmod, mkdir, readdir, readFile, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findEngine } from '../../agent/adapters/engine-identity.ts';
import { prepareEngine } from '../../agent/adapters/engine-prepare.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { keepArchive, prepareArchivePlace, readArchiveGround } from '../../agent/adapters/warm-archive.ts';
import { findFreePort } from '../support/free-port.ts';
import { layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const JVM_OPTIONS = ['-Xmx1g', '-XX:+UseG1GC'];
const RELEASE = layOut({
  'config.properties': 'coordinator=true\n',
  'jvm.config': `${JVM_OPTIONS.join('\n')}\n`,
  'node.properties': 'node.environment=acme\n',
  'catalog/tpch.properties': 'connector.name=tpch\n',
});

async function makeMachine() {
  const dir = await makeScratch();
  const at = (...names: string[]) => join(dir, ...names);
  for (const plugin of ['tpch', 'hive', 'geospatial']) {
    await mkdir(at('home/plugin', plugin), { recursive: true });
    await writeFile(at('home/plugin', plugin, `${plugin}.jar`), plugin);
  }
  for (const name of ['home/lib', 'java/bin', 'java/lib/server', 'data']) {
    await mkdir(at(name), { recursive: true });
  }
  await writeFile(at('home/lib/presto-main-350.jar'), 'engine');
  await writeFile(at('java/release'), 'JAVA_VERSION="17.0.15"\n');
  await writeFile(at('java/lib/server/libjvm.so'), 'jvm');
  await writeFile(at('java/bin/java'), '#!/bin/sh\n');
  await chmod(at('java/bin/java'), 0o755);
  const store = createReleaseStore({ dir: at('store'), sha256 });
  await store.write(RELEASE);
  await store.writeIntent({ digest: RELEASE.facts.digest, phase: 'published' });
  const options = {
    engine: 'presto',
    home: at('home'),
    java: at('java/bin/java'),
    port: await findFreePort(),
    dataDir: at('data'),
    storeDir: at('store'),
    startedDir: at('run/started'),
    etcDir: at('etc'),
    command: null,
    connectors: ['tpch'],
    plugins: [] as readonly string[],
  };
  /** What a start would be given, and what is told of it. */
  const prepare = async (changes: Partial<typeof options> = {}) => {
    const { warnings } = await prepareEngine({ ...options, ...changes });
    const text = await readFile(at('run/started/java.args'), 'utf8');
    const loaded = await readdir(at('run/started/plugin')).catch(() => []);
    return {
      archiveOptions: text.split('\n').filter((line) => /SharedArchive|Xshare|AOT/.test(line)),
      loaded: loaded.toSorted(),
      warnings: warnings.map(({ reason, message }) => `${reason}: ${message}`),
    };
  };
  /** In place of a training run: bytes that no JVM has to understand. */
  const train = async () => {
    const { home, java } = options;
    const engine = await findEngine({ name: 'presto', home, java });
    const ground = await readArchiveGround({ engine, home, plugins: ['tpch'], jvmOptions: JVM_OPTIONS });
    if (ground === null) throw new Error('Java 17 can make an archive');
    const written = await prepareArchivePlace(ground);
    await writeFile(written, 'classes');
    await keepArchive(ground, written);
  };
  return { at, options, prepare, train };
}

describe('plugins', () => {
  test('only those of the connectors are linked into the started copy', async () => {
    const { at, prepare } = await makeMachine();
    expect((await prepare()).loaded).toEqual(['tpch']);
    expect(await readlink(at('run/started/plugin/tpch'))).toBe(at('home/plugin/tpch'));
    expect(await readFile(at('run/started/java.args'), 'utf8')).toContain(
      `-Dplugin.dir=${at('run/started/plugin')}`,
    );
  });

  test('a further connector or plugin is there at the next start, and nothing in the engine’s home changes', async () => {
    const { at, prepare } = await makeMachine();
    await prepare();
    const further = await prepare({ connectors: ['tpch', 'hive'], plugins: ['geospatial'] });
    expect(further).toMatchObject({ loaded: ['geospatial', 'hive', 'tpch'], warnings: [] });
    expect((await readdir(at('home'))).toSorted()).toEqual(['lib', 'plugin']);
  });

  test('a catalog of a connector that the settings no longer name has its plugin all the same', async () => {
    const { prepare } = await makeMachine();
    expect((await prepare({ connectors: ['hive'] })).loaded).toEqual(['hive', 'tpch']);
  });

  test('without a plugin of that name all are loaded, and it is said', async () => {
    const { prepare } = await makeMachine();
    const { loaded, warnings } = await prepare({ connectors: ['datomic'] });
    expect(loaded).toEqual(['geospatial', 'hive', 'tpch']);
    expect(warnings).toEqual([expect.stringMatching(/^PluginsAllKept: no plugin in .* connector datomic,/)]);
  });

  test('a name that is not there is told, and the start goes on', async () => {
    const { prepare } = await makeMachine();
    const { loaded, warnings } = await prepare({ plugins: ['geo'] });
    expect(loaded).toEqual(['tpch']);
    expect(warnings).toEqual([expect.stringMatching(/^PluginUnknown: analytics.plugins names geo,/)]);
  });
});

describe('the archive of classes', () => {
  test('is named to the JVM after training, and not before', async () => {
    const { at, prepare, train } = await makeMachine();
    expect(await prepare()).toMatchObject({ archiveOptions: [], warnings: [] });
    await train();
    expect(await prepare()).toMatchObject({
      archiveOptions: [`"-XX:SharedArchiveFile=${at('home/warm/class-data.jsa')}"`, '"-Xshare:auto"'],
      warnings: [],
    });
    expect((await readdir(at('home/warm'))).toSorted()).toEqual(['archive.json', 'class-data.jsa']);
  });

  test.each<[string, (at: (...names: string[]) => string) => Promise<void>, string]>([
    ['cut short', (at) => writeFile(at('home/warm/class-data.jsa'), 'class'), 'it has 5 bytes instead of 7'],
    ['empty', (at) => writeFile(at('home/warm/class-data.jsa'), ''), 'it has 0 bytes instead of 7'],
    [
      'of other bytes',
      (at) => writeFile(at('home/warm/class-data.jsa'), 'clasSes'),
      'its bytes are not those that were written',
    ],
    ['gone', (at) => rm(at('home/warm/class-data.jsa')), 'it is gone'],
    [
      'of a Java that was updated',
      (at) => writeFile(at('java/release'), 'JAVA_VERSION="17.0.16"\n'),
      'it was made for Java 17.0.15, not for 17.0.16',
    ],
    [
      'of an engine that was touched',
      (at) => utimes(at('home/lib/presto-main-350.jar'), 1, 1),
      'files of the engine or of Java, or options of the JVM, are not those that it was made with',
    ],
    [
      'of a record that was torn',
      (at) => writeFile(at('home/warm/archive.json'), '{"version":'),
      'its record is damaged: expected JSON, found something else',
    ],
    [
      'of a record that leads elsewhere',
      async (at) => {
        const text = await readFile(at('home/warm/archive.json'), 'utf8');
        await writeFile(
          at('home/warm/archive.json'),
          text.replace('class-data.jsa', '../lib/presto-main-350.jar'),
        );
      },
      'its record is damaged: file: expected one of class-data.jsa, cache.aot, found string',
    ],
  ])('that is %s is not used, and the start goes on', async (_title, damage, why) => {
    const { at, prepare, train } = await makeMachine();
    await train();
    await damage(at);
    expect(await prepare()).toMatchObject({
      archiveOptions: [],
      warnings: [`ArchiveUnfit: the archive of classes for a faster start is not used: ${why}`],
    });
  });

  test('is found again by training that follows damage, and what interrupted training left is removed', async () => {
    const { at, prepare, train } = await makeMachine();
    await train();
    await writeFile(at('home/warm/class-data.jsa'), 'class');
    await writeFile(at('home/warm/.class-data.jsa.4711-0123456789ab.partial'), 'half');
    await train();
    expect((await prepare()).warnings).toEqual([]);
    expect((await readdir(at('home/warm'))).toSorted()).toEqual(['archive.json', 'class-data.jsa']);
  });
});
