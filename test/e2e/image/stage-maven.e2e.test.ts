import { randomUUID } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createStageRig } from '../../support/stage-rig.ts';

/** Puts a file into Maven's own repository on this machine, as `mvn install` does, and takes it out again. */
async function installInMaven(file: string, type: string): Promise<string> {
  const group = `gateway-test-${randomUUID()}`;
  const home = path.join(os.homedir(), '.m2/repository', group);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const artifact = path.join(home, 'engine/1.0');
  await mkdir(artifact, { recursive: true });
  await cp(file, path.join(artifact, `engine-1.0.${type}`));
  const names = `<groupId>${group}</groupId><artifactId>engine</artifactId><version>1.0</version>`;
  const pom = `<project><modelVersion>4.0.0</modelVersion>${names}<packaging>pom</packaging></project>\n`;
  await writeFile(path.join(artifact, 'engine-1.0.pom'), pom);
  return `maven:${group}:engine:1.0:${type}`;
}

it.each(['zip', 'tar.gz'] as const)('takes an engine from Maven as %s, and once only', async (type) => {
  const rig = await createStageRig();
  const { file, sha256 } = await rig.packEngine(type);
  const from = await installInMaven(file, type);

  const wrong = await rig.stage({ ENGINE_FROM: from, ENGINE_SHA256: '0'.repeat(64) });
  expect([wrong.status, wrong.output]).toEqual([
    65,
    expect.stringContaining(`${from} is not what ENGINE_SHA256 names: expected 0`),
  ]);
  expect([await rig.engine(), rig.kept()]).toEqual([null, []]);

  const environment = { ENGINE_FROM: from, ENGINE_SHA256: sha256 };
  expect(await rig.stage(environment)).toMatchObject({ status: 0 });
  expect((await rig.engine())?.includes('./plugin/tpch/a.jar')).toBe(true);
  expect(rig.kept()).toEqual([sha256]);
  // Nobody is asked again.
  expect(await rig.stage({ ...environment, MAVEN_OPTS: '-nonesuch' })).toMatchObject({ status: 0 });
});

it('says what Maven says when it cannot fetch, and keeps nothing', async () => {
  const rig = await createStageRig();
  const { status, output } = await rig.stage({
    ENGINE_FROM: 'maven:nonesuch',
    ENGINE_SHA256: '0'.repeat(64),
  });
  expect(status).toBe(69);
  expect(output).toContain('[ERROR] Failed to execute goal org.apache.maven.plugins:maven-dependency-plugin');
  expect(output).toContain('stage: maven:nonesuch was not downloaded whole; nothing of it was kept');
  expect(rig.kept()).toEqual([]);
});
