/** What people and accidents do to live files and to the process is put right, and said. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readProcess } from '../../../agent/adapters/process-table.ts';
import { createRig, type Rig } from '../../support/rig.ts';

const FILES = {
  'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n',
  'datomic/shop.edn': '{:tables {:order/number {}} :joins {}}\n',
};

async function createProvenRig(): Promise<Rig> {
  const rig = await createRig();
  rig.start();
  await rig.waitForProven(await rig.sync(FILES));
  return rig;
}

const events = (rig: Rig, event: string) => rig.log().filter((line) => line.event === event);

describe('a live file', () => {
  it.each([
    [
      'changed by hand',
      'catalog/shop.properties',
      (file: string) => writeFile(file, 'connector.name=evil\n'),
    ],
    ['deleted', 'datomic/shop.edn', (file: string) => rm(file)],
    ['added by hand', 'catalog/extra.properties', (file: string) => writeFile(file, 'connector.name=evil\n')],
  ])('%s is put right and reported as drift, without a restart', async (_, name, disturb) => {
    const rig = await createProvenRig();
    const before = await rig.live();
    const { pid } = (await rig.waitForProven()).analytics;
    await disturb(path.join(rig.etc, name));
    const status = await rig.waitFor(({ conditions }) =>
      conditions.some(({ type }) => type === 'DriftRepaired'),
    );
    expect(await rig.live()).toEqual(before);
    expect(status.conditions.find(({ type }) => type === 'DriftRepaired')?.message).toContain(name);
    expect(events(rig, 'drift.repaired')).toHaveLength(1);
    expect(rig.status()?.analytics.pid).toBe(pid);
  });

  it('that is none of ours is left alone', async () => {
    const rig = await createProvenRig();
    const foreign = path.join(rig.etc, 'log.properties');
    await writeFile(foreign, 'io.prestosql=INFO\n');
    await rig.waitForProven(await rig.sync({ ...FILES, 'datomic/other.edn': FILES['datomic/shop.edn'] }));
    expect(await readFile(foreign, 'utf8')).toBe('io.prestosql=INFO\n');
    expect(events(rig, 'drift.repaired')).toEqual([]);
  });
});

describe('the engine', () => {
  it('killed is back by itself, counted and named in a condition', async () => {
    const rig = await createProvenRig();
    const { pid } = (await rig.waitForProven()).analytics;
    process.kill(pid ?? 0, 'SIGKILL');
    const status = await rig.waitFor(
      ({ analytics, conditions }) =>
        analytics.serving && analytics.pid !== pid && conditions.some(({ type }) => type === 'Ended'),
    );
    expect(status.conditions.find(({ type }) => type === 'Ended')).toMatchObject({ reason: 'Killed' });
    expect(status.analytics.restarts).toBe(1);
    expect(rig.engineStarts()).toHaveLength(2);
  });

  it('stopped by hand is started again', async () => {
    const rig = await createProvenRig();
    const { pid } = (await rig.waitForProven()).analytics;
    process.kill(pid ?? 0, 'SIGTERM');
    const status = await rig.waitFor(({ analytics }) => analytics.serving && analytics.pid !== pid);
    expect(status.conditions.find(({ type }) => type === 'Ended')).toMatchObject({ reason: 'Clean' });
  });

  it('out of memory is told apart from a crash', async () => {
    const rig = await createProvenRig();
    rig.setScript({ oomAfterMs: 300 });
    const { pid } = (await rig.waitForProven()).analytics;
    process.kill(pid ?? 0, 'SIGKILL');
    const status = await rig.waitFor(({ conditions }) =>
      conditions.some(({ type, reason }) => type === 'Ended' && reason === 'JvmOom'),
    );
    expect(status.quarantined).toEqual([]);
  });

  it('outlives nobody: an agent that is told to end takes it along', async () => {
    const rig = await createProvenRig();
    const { pid } = (await rig.waitForProven()).analytics;
    await rig.stop();
    expect(await readProcess(pid ?? 0)).toBeNull();
  });

  it('left behind by a killed agent is ended first: one more start, no orphan on the port', async () => {
    const rig = await createProvenRig();
    const { pid } = (await rig.waitForProven()).analytics;
    await rig.kill();
    expect(await readProcess(pid ?? 0)).not.toBeNull();
    rig.start();
    const status = await rig.waitFor(({ analytics }) => analytics.serving && analytics.pid !== pid);
    expect(await readProcess(pid ?? 0)).toBeNull();
    expect(rig.engineStarts()).toHaveLength(2);
    expect(status.proven?.digest).toBe(status.effective?.digest);
  });
});
