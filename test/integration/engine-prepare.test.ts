/** Everything that a start needs, on real files: a home and a Java that only look like it, and the script that starts. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { type PrepareOptions, prepareEngine } from '../../agent/adapters/engine-prepare.ts';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { findFreePort } from '../support/free-port.ts';
import { layOut } from '../support/releases.ts';
import { makeScratch } from '../support/scratch.ts';

const run = promisify(execFile);
const RELEASE = layOut({
  'config.properties': 'coordinator=true\n',
  'jvm.config': '-Xmx1g\n',
  'node.properties': 'node.environment=acme\nnode.id=gateway-acme\n',
  'catalog/tpch.properties': 'connector.name=tpch\n',
});
/** Tells what it was started with, in place of a JVM. */
const JAVA = `#!/bin/sh
echo "options: $JAVA_TOOL_OPTIONS"
echo "directory: $(pwd)"
for argument in "$@"; do echo "argument: $argument"; done
`;

async function makeMachine(javaVersion = '17.0.15') {
  const dir = await makeScratch();
  const at = (...names: string[]) => join(dir, ...names);
  for (const name of ['home/lib', 'home/plugin/tpch', 'java/bin', 'var/data', 'run']) {
    await mkdir(at(name), { recursive: true });
  }
  for (const jar of ['presto-main-350.jar', 'a.jar']) await writeFile(at('home/lib', jar), '');
  await writeFile(at('java/release'), `JAVA_VERSION="${javaVersion}"\n`);
  await writeFile(at('java/bin/java'), JAVA);
  await chmod(at('java/bin/java'), 0o755);
  const options: PrepareOptions = {
    engine: 'presto',
    home: at('home'),
    java: at('java/bin/java'),
    port: await findFreePort(),
    dataDir: at('var/data'),
    storeDir: at('state/store'),
    startedDir: at('run/started'),
    etcDir: at('var/etc'),
    command: null,
    connectors: ['tpch'],
    plugins: [],
  };
  const store = createReleaseStore({ dir: options.storeDir, sha256 });
  await store.write(RELEASE);
  await store.writeIntent({ digest: RELEASE.facts.digest, phase: 'published' });
  const settings = at('agent.json');
  await writeFile(
    settings,
    JSON.stringify({
      paths: { state: at('state'), etc: options.etcDir, run: at('agent'), started: options.startedDir },
      analytics: {
        engine: 'presto',
        home: options.home,
        java: options.java,
        url: `http://127.0.0.1:${options.port}`,
      },
    }),
  );
  const ctl = (before = ':') => {
    const command = [process.execPath, join(inject('bundleDir'), 'gatewayctl.cjs')];
    const argv = ['-c', `${before}; exec "$@"`, 'sh', ...command, '--config', settings, 'engine', 'prepare'];
    return run('sh', argv, { env: { PATH: process.env.PATH } }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };
  return { options, at, ctl };
}

async function listen(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())));
}

test('what the unit calls writes down a start, and what it runs becomes that', async () => {
  const { options, at, ctl } = await makeMachine();
  expect(await ctl()).toMatchObject({
    code: 0,
    stdout: `prepared PrestoSQL 350 on Java 17.0.15 with release ${RELEASE.facts.digest.slice(0, 8)}\n`,
  });
  const { startedDir, dataDir } = options;
  expect(await readlink(join(startedDir, 'data'))).toBe(dataDir);
  await mkdir(join(dataDir, 'tmp'));
  await writeFile(join(dataDir, 'tmp', 'left-behind'), '');
  const { stdout } = await run(resolve('systemd/analytics-run'), {
    env: { PATH: process.env.PATH, GATEWAY_STARTED_DIR: startedDir, JAVA_TOOL_OPTIONS: '-Dmischief' },
  });
  expect(stdout.split('\n')).toEqual([
    'options: ',
    `directory: ${dataDir}`,
    `argument: @${startedDir}/java.args`,
    '',
  ]);
  expect(await readlink(join(dataDir, 'etc'))).toBe(startedDir);
  expect(await readdir(join(dataDir, 'etc', 'catalog'))).toEqual(['tpch.properties']);
  expect(await readdir(join(dataDir, 'plugin'))).toEqual(['tpch']);
  expect(await readdir(join(dataDir, 'tmp'))).toEqual([]);
  expect(await readFile(join(startedDir, 'java.args'), 'utf8')).toContain(
    `"${at('home')}/lib/a.jar:${at('home')}/lib/presto-main-350.jar"`,
  );
});

test('a start that cannot work is one sentence, and the copy of the last start stays', async () => {
  const { options, ctl } = await makeMachine();
  await prepareEngine(options);
  await listen(options.port);
  const { code, stderr } = await ctl();
  expect(code).toBe(69);
  expect(stderr).toMatch(
    new RegExp(
      `^gatewayctl: the analytics process cannot be started, reason PortTaken, problem port ${options.port} is taken by .+\\(pid ${process.pid}\\), remedy end that program.*\\[69\\]\\n$`,
    ),
  );
  expect(await readdir(join(options.startedDir, 'catalog'))).toEqual(['tpch.properties']);
});

test.each<[string, string, (machine: Awaited<ReturnType<typeof makeMachine>>) => Promise<unknown>]>([
  ['no engine', 'EngineMissing', ({ at }) => rm(at('home/lib'), { recursive: true })],
  ['an engine without plugins', 'PluginsMissing', ({ at }) => rm(at('home/plugin'), { recursive: true })],
  ['no Java where the settings say', 'JavaMissing', ({ at }) => rm(at('java'), { recursive: true })],
  ['an old Java', 'JavaUnfit', ({ at }) => writeFile(at('java/release'), 'JAVA_VERSION="8.0.402"\n')],
  ['no data directory', 'DataDirectoryMissing', ({ at }) => rm(at('var/data'), { recursive: true })],
])('%s keeps it from being tried', async (_title, reason, damage) => {
  const machine = await makeMachine();
  await damage(machine);
  await expect(prepareEngine(machine.options)).rejects.toMatchObject({
    code: 'START_IMPOSSIBLE',
    fields: { reason },
  });
});

test('a clock that was not set keeps it from being tried', async () => {
  const { options } = await makeMachine();
  await expect(prepareEngine({ ...options, now: () => 0 })).rejects.toMatchObject({
    fields: { reason: 'ClockNotSet' },
  });
});

test('too few open files keep it from being tried', async () => {
  const { ctl } = await makeMachine();
  const { code, stderr } = await ctl('ulimit -n 1000');
  expect(code).toBe(69);
  expect(stderr).toContain('a process may open 1000 files; PrestoSQL 350 needs 4096');
});

test('a data directory that the engine may not write to says so before the engine begins', async () => {
  const { options, ctl } = await makeMachine();
  await ctl();
  // Somebody made a directory where the link belongs.
  await mkdir(join(options.dataDir, 'etc'));
  await symlink('x', join(options.dataDir, 'etc', 'x'));
  await expect(
    run(resolve('systemd/analytics-run'), {
      env: { PATH: process.env.PATH, GATEWAY_STARTED_DIR: options.startedDir },
    }),
  ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('ln: ') });
});

test('without an intent nothing is prepared', async () => {
  const { options } = await makeMachine();
  await rm(join(options.storeDir, 'intent.json'));
  await expect(prepareEngine(options)).rejects.toMatchObject({ code: 'STORE_FAILED' });
});

test('the stand-in starts by the command of the settings', async () => {
  const { options } = await makeMachine();
  await prepareEngine({ ...options, engine: 'stand-in', command: ['/usr/bin/node', 'stand-in.mjs'] });
  expect(await readFile(join(options.startedDir, 'command'), 'utf8')).toBe('/usr/bin/node\nstand-in.mjs\n');
  await expect(prepareEngine({ ...options, engine: 'stand-in' })).rejects.toMatchObject({
    fields: { reason: 'NoCommand' },
  });
});
