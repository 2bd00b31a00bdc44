/** First boots: with configuration, without, and with S3 out of reach. */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Status } from '../../../agent/core/status.ts';
import { createRig, type Rig, type RigOptions } from '../../support/rig.ts';
import {
  CATALOG,
  catalogOf,
  configurationOf,
  FILES,
  findCondition,
  findEvents,
  metaschemaOf,
  ORDERS,
  startProven,
  waitForListings,
} from '../../support/rows.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    // No such process.
    return false;
  }
};

/** Starts the daemon as systemd does, with a recorder in the place of systemd's own program. */
async function startNotified(rig: Rig): Promise<() => Promise<string>> {
  const told = path.join(rig.root, 'notified');
  const program = path.join(rig.root, 'bin', 'systemd-notify');
  await mkdir(path.dirname(program));
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${told}'\n`);
  await chmod(program, 0o755);
  rig.start({
    env: { PATH: `${path.dirname(program)}:${process.env.PATH}`, NOTIFY_SOCKET: path.join(rig.root, 'none') },
  });
  return () => readFile(told, 'utf8');
}

describe('a first boot with configuration present', () => {
  it('publishes, starts the engine once, and proves that it serves', async () => {
    const rig = await startProven();
    const order = ['release.published', 'engine.start', 'engine.serving', 'release.proven'];
    const happened = rig.log().flatMap(({ event = '' }) => (order.includes(event) ? [event] : []));
    expect(happened).toEqual(order);
    const live = configurationOf(await rig.live());
    expect(live).toEqual({ ...FILES, [CATALOG]: expect.stringContaining(FILES[CATALOG]) });
    expect(rig.engineStarts()).toHaveLength(1);
    const status = await rig.waitForProven();
    for (const type of ['SourceReachable', 'Valid', 'Published', 'Healthy', 'Proven', 'MemorySufficient']) {
      expect(findCondition(status, type)).toMatchObject({ status: 'True' });
    }
    expect((await rig.stop()).code).toBe(0);
    expect(isAlive(status.analytics.pid ?? 0)).toBe(false);
  });

  it('with --once does all of it, ends the engine and exits 0', async () => {
    const rig = await createRig();
    const snapshot = await rig.sync(FILES);
    const { code, signal } = await rig.once();
    expect({ code, signal }, rig.describe()).toEqual({ code: 0, signal: null });
    expect(rig.status()).toMatchObject({
      effective: { snapshot },
      proven: { snapshot },
      analytics: { serving: true },
    });
    const [start, ...more] = rig.engineStarts();
    expect(more).toEqual([]);
    expect(isAlive(start?.pid ?? 0)).toBe(false);
  });

  it('that the gate refuses: --once exits 65 and starts nothing', async () => {
    const rig = await createRig();
    await rig.sync({ ...FILES, [ORDERS]: '{:tables {:order/id {}' });
    expect((await rig.once()).code).toBe(65);
    expect(rig.engineStarts()).toEqual([]);
    expect(configurationOf(await rig.live())).toEqual({});
  });
});

describe('a boot with S3 out of reach and an earlier proven release on disk', () => {
  it('runs from disk, says so, and recovers by itself', async () => {
    const rig = await createRig();
    const before = await rig.sync(FILES);
    expect((await rig.once()).code).toBe(0);
    const live = await rig.live();
    // A reboot leaves nothing of this.
    await rm(path.join(rig.root, 'run'), { recursive: true });
    await rig.proxy?.refuse();
    const changed = await rig.sync({ ...FILES, [ORDERS]: metaschemaOf('purchase') });

    const { pid } = rig.start();
    const away = await rig.waitFor(
      (status) =>
        status.analytics.serving &&
        status.proven?.snapshot === before &&
        findCondition(status, 'SourceReachable')?.status === 'False',
    );
    expect(findCondition(away, 'SourceReachable')).toMatchObject({ reason: 'SourceUnreachable' });
    expect(findCondition(away, 'Healthy')).toMatchObject({ status: 'True' });
    expect(away.source.error).toContain('cannot be reached');
    expect(await rig.live()).toEqual(live);

    await rig.proxy?.accept();
    const back = await rig.waitForProven(changed);
    expect(findCondition(back, 'SourceReachable')).toMatchObject({ status: 'True' });
    expect(back.agent.pid).toBe(pid);
    expect(back.analytics.pid).toBe(away.analytics.pid);
    expect(findEvents(rig, 'source.recovered')).toHaveLength(1);
  });

  it('puts the live etc back from the store when that is gone as well', async () => {
    const rig = await createRig();
    await rig.sync(FILES);
    expect((await rig.once()).code).toBe(0);
    const live = await rig.live();
    await rm(path.join(rig.root, 'run'), { recursive: true });
    await rm(rig.etc, { recursive: true });
    await rig.proxy?.refuse();
    rig.start();
    await rig.waitForProven();
    expect(await rig.live()).toEqual(live);
  });
});

describe('a first boot with nothing to run', () => {
  interface Row {
    readonly options?: RigOptions;
    readonly prepare?: (rig: Rig) => Promise<unknown>;
    readonly reason: string;
    /** Ends the trouble, if there is any. */
    readonly end?: (rig: Rig) => Promise<unknown>;
    readonly live?: Readonly<Record<string, string>>;
  }
  const LONELY = { [ORDERS]: metaschemaOf('order') };
  const ROWS: readonly [title: string, row: Row][] = [
    [
      'S3 out of reach',
      {
        prepare: async (rig) => rig.proxy?.refuse(),
        reason: 'SourceUnreachable',
        end: async (rig) => rig.proxy?.accept(),
      },
    ],
    [
      'a bucket that is not there',
      { options: { hasBucket: false }, reason: 'SourceMissing', end: (rig) => rig.s3.create() },
    ],
    ['an empty prefix', { reason: 'Reachable' }],
    [
      'a prefix with metaschemas and no catalog',
      { prepare: (rig) => rig.sync(LONELY), reason: 'Reachable', live: LONELY },
    ],
  ];

  it.each(ROWS)(
    '(%s) is READY, says NoConfiguration, starts no engine, and goes on by itself',
    async (_, row) => {
      const rig = await createRig(row.options);
      await row.prepare?.(rig);
      const readNotified = await startNotified(rig);
      const isSaid = (status: Status) => findCondition(status, 'SourceReachable')?.reason === row.reason;
      await rig.waitFor(isSaid);
      if (row.end === undefined) await waitForListings(rig, 3);
      const status = await rig.waitFor(isSaid);
      expect(findCondition(status, 'Healthy')).toMatchObject({ status: 'False', reason: 'NoConfiguration' });
      expect(findCondition(status, 'Proven')).toMatchObject({ status: 'False', reason: 'NoConfiguration' });
      expect(status.analytics).toMatchObject({ state: 'stopped', serving: false });
      expect(await readNotified()).toMatch(/^--ready /m);
      expect(rig.engineStarts()).toEqual([]);
      expect(configurationOf(await rig.live())).toEqual(row.live ?? {});

      const { pid } = rig.agent();
      await row.end?.(rig);
      const proven = await rig.waitForProven(await rig.sync(FILES), 40_000);
      expect(proven.agent.pid).toBe(pid);
      expect(rig.engineStarts()).toHaveLength(1);
    },
  );

  it('takes the first catalog as it is, also when it lists no databases: there is nothing to compare it with', async () => {
    const rig = await createRig();
    rig.start();
    await rig.waitFor(({ effective }) => effective !== null);
    const first = await rig.sync({ ...FILES, [CATALOG]: catalogOf() });
    expect((await rig.waitForProven(first)).held).toEqual([]);
  });

  it('with --once exits 75 when S3 is out of reach', async () => {
    const rig = await createRig();
    await rig.proxy?.refuse();
    expect((await rig.once()).code).toBe(75);
  });
});

describe('a first catalog that the engine refuses', () => {
  it('is quarantined, the engine is stopped, and the next fingerprint is tried at once', async () => {
    const rig = await createRig({ env: { GATEWAY_RESTART_SPACING: '10m' } });
    const refused = await rig.sync({ ...FILES, [CATALOG]: `${catalogOf('shop')}stand-in.refuse=true\n` });
    rig.start();
    const status = await rig.waitFor(
      ({ quarantined, analytics }) => quarantined.length === 1 && analytics.state === 'stopped',
    );
    expect(status.desired?.snapshot).toBe(refused);
    expect(status.proven).toBeNull();
    expect(status.quarantined).toMatchObject([
      { reason: expect.stringContaining('refuses catalog shop'), retryAt: null },
    ]);
    expect(status.quarantined[0]?.log.join('\n')).toContain("'stand-in.refuse' was not used");
    expect(findCondition(status, 'Healthy')).toMatchObject({ status: 'False', reason: 'NoConfiguration' });
    const starts = rig.engineStarts().length;
    await waitForListings(rig, 3);
    expect(rig.engineStarts()).toHaveLength(starts);

    const proven = await rig.waitForProven(await rig.sync(FILES));
    expect(proven.quarantined).toEqual([]);
    expect(rig.engineStarts()).toHaveLength(starts + 1);
  });
});
