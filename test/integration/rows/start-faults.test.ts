/** A machine on which the engine cannot start: told in one sentence, no configuration condemned, over by itself. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRig } from '../../support/rig.ts';
import { CATALOG, catalogOf, FILES, findCondition } from '../../support/rows.ts';
import { makeScratch } from '../../support/scratch.ts';

/** What lies there looks like PrestoSQL 350 on Java 17; what runs is the stand-in, started as the real one is. */
async function createMachine() {
  const dir = await makeScratch();
  const at = (...names: string[]) => path.join(dir, ...names);
  for (const name of ['home/lib', 'home/plugin/datomic', 'java/bin'])
    await mkdir(at(name), { recursive: true });
  await writeFile(at('home/lib/presto-main-350.jar'), '');
  await writeFile(at('java/release'), 'JAVA_VERSION="17.0.15"\n');
  const engine = path.resolve('test/stand-in/engine.mjs');
  await writeFile(at('java/bin/java'), `#!/bin/sh\nexec ${process.execPath} ${engine} "$@"\n`);
  await chmod(at('java/bin/java'), 0o755);
  const rig = await createRig({
    source: 'directory',
    env: {
      GATEWAY_ENGINE: 'presto',
      GATEWAY_ENGINE_HOME: at('home'),
      GATEWAY_JAVA: at('java/bin/java'),
      GATEWAY_COMMAND: JSON.stringify([path.resolve('systemd/analytics-run')]),
    },
  });
  return { rig, at };
}

test('a port that somebody else has is named with who has it; when it is free the engine starts by itself', async () => {
  const { rig } = await createMachine();
  const server = createServer();
  await new Promise<void>((done) => server.listen(rig.port, '127.0.0.1', done));
  const close = () => new Promise<void>((done) => server.close(() => done()));
  onTestFinished(close);
  const snapshot = await rig.sync(FILES);
  rig.start();
  const status = await rig.waitFor((now) => findCondition(now, 'Healthy')?.reason === 'PortTaken');
  expect(findCondition(status, 'Healthy')).toMatchObject({
    status: 'False',
    message: expect.stringContaining(`port ${rig.port} is taken by`),
  });
  expect(findCondition(status, 'Healthy')?.message).toContain(`(pid ${process.pid})`);
  expect(status.quarantined).toEqual([]);
  await close();
  const proven = await rig.waitForProven(snapshot, 60_000);
  expect(proven.quarantined).toEqual([]);
  expect(findCondition(proven, 'Healthy')).toMatchObject({ status: 'True' });
});

test('a Java that goes away stops no engine that runs, and is named at the next start', async () => {
  const { rig, at } = await createMachine();
  await rig.sync(FILES);
  rig.start();
  await rig.waitForProven();
  await rm(at('java/release'));
  await rm(at('java/bin/java'));
  await rig.sync({ ...FILES, [CATALOG]: catalogOf('shop', 'billing') });
  const status = await rig.waitFor((now) => findCondition(now, 'Healthy')?.reason === 'JavaMissing');
  expect(findCondition(status, 'Healthy')?.message).toContain(
    'PrestoSQL 350 runs on Java 11.0.7 to 17; found none',
  );
  expect(status.quarantined).toEqual([]);
});
