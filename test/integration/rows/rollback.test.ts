/** A catalog change that the engine does not survive: the last proven release is live and serving again. */
import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.ts';

const METASCHEMA = '{:tables {:order/number {}} :joins {}}\n';
const GOOD = 'connector.name=datomic\ndatomic.databases=[shop]\n';
const files = (catalog: string, metaschema = METASCHEMA) => ({
  'catalog/shop.properties': catalog,
  'datomic/shop.edn': metaschema,
});

async function createProvenRig(env: Readonly<Record<string, string>>): Promise<Rig> {
  const rig = await createRig({ env });
  const snapshot = await rig.sync(files(GOOD));
  rig.start();
  await rig.waitForProven(snapshot);
  return rig;
}

const isRolledBack = (rig: Rig, snapshot: string) =>
  rig.waitFor(
    ({ quarantined, effective, proven, analytics }) =>
      quarantined.length === 1 &&
      analytics.serving &&
      effective !== null &&
      effective.snapshot === snapshot &&
      effective.digest === proven?.digest,
    40_000,
  );

describe('a catalog change', () => {
  it.each([
    ['that the engine refuses', 'stand-in.refuse=true', /refuses catalog shop/],
    [
      'with which the engine does not start',
      'stand-in.start-ms=60000\nstand-in.exit-after-ms=200',
      /ended twice before/,
    ],
    ['with which it dies within the stable time', 'stand-in.exit-after-ms=1500', /within the stable time/],
    ['that the engine does not list', 'stand-in.hide=true', /does not list shop/],
    ['with which the engine is started and never serves', 'stand-in.serve-ms=never', /not serving in time/],
  ])('%s is rolled back and quarantined, with reason and log', async (_, property, reason) => {
    const rig = await createProvenRig({ GATEWAY_STABLE: '3s', GATEWAY_PROVE: '4s' });
    const before = await rig.live();
    const proven = rig.status()?.proven?.snapshot ?? '';
    await rig.sync(files(`${GOOD}${property}\n`));
    const status = await isRolledBack(rig, proven);
    expect(await rig.live()).toEqual(before);
    const [entry] = status.quarantined;
    expect(entry?.reason).toMatch(reason);
    expect(entry?.log.length).toBeGreaterThan(0);
    expect(status.conditions.find(({ type }) => type === 'Proven')).toMatchObject({
      status: 'False',
      reason: 'RolledBack',
    });
  });

  it('that is taken back in time costs nothing: restarts keep their distance', async () => {
    const rig = await createProvenRig({ GATEWAY_RESTART_SPACING: '60s' });
    await rig.sync(files(`${GOOD}stand-in.refuse=true\n`));
    await rig.waitFor(({ reason }) => reason.includes('far enough apart'));
    await rig.waitForProven(await rig.sync(files(GOOD)));
    expect(rig.engineStarts()).toHaveLength(1);
    expect(rig.status()?.quarantined).toEqual([]);
  });

  it('after a rollback is tried at once, without spacing', async () => {
    const rig = await createProvenRig({ GATEWAY_RESTART_SPACING: '5s' });
    const proven = rig.status()?.proven?.snapshot ?? '';
    await rig.sync(files(`${GOOD}stand-in.refuse=true\n`));
    await isRolledBack(rig, proven);
    const rolledBackAt = Date.now();
    const next = await rig.sync(
      files(`${GOOD}# better\ndatomic.databases=[shop, billing]\n`.replace(GOOD, 'connector.name=datomic\n')),
    );
    await rig.waitFor(({ desired }) => desired?.snapshot === next);
    await rig.waitFor(() => rig.engineStarts().length >= 4, 4_000);
    expect(Date.now() - rolledBackAt).toBeLessThan(4_500);
    const status = await rig.waitForProven(next);
    expect(status.quarantined).toEqual([]);
  });

  it('with a metaschema edit on top of a quarantined one: the metaschema is live, the catalog is not tried again', async () => {
    const rig = await createProvenRig({});
    const proven = rig.status()?.proven?.snapshot ?? '';
    const bad = `${GOOD}stand-in.refuse=true\n`;
    await rig.sync(files(bad));
    const { analytics } = await isRolledBack(rig, proven);
    const starts = rig.engineStarts().length;
    const edited = METASCHEMA.replace('{}', '{:name "orders"}');
    const snapshot = await rig.sync(files(bad, edited));
    const status = await rig.waitFor(
      ({ desired, effective, proven: last }) =>
        desired?.snapshot === snapshot &&
        effective?.snapshot !== proven &&
        effective?.digest === last?.digest,
    );
    const live = await rig.live();
    expect(live.get('datomic/shop.edn')).toBe(edited);
    expect(live.get('catalog/shop.properties')).not.toContain('refuse');
    expect(status.analytics.pid).toBe(analytics.pid);
    expect(rig.engineStarts()).toHaveLength(starts);
    expect(status.quarantined).toHaveLength(1);
  });

  it('refused as the very first: nothing to fall back on, the engine is stopped and says so', async () => {
    const rig = await createRig();
    await rig.sync(files(`${GOOD}stand-in.refuse=true\n`));
    rig.start();
    const status = await rig.waitFor(
      ({ quarantined, analytics }) => quarantined.length === 1 && analytics.state === 'stopped',
    );
    expect(status.conditions.find(({ type }) => type === 'Healthy')).toMatchObject({
      reason: 'NoConfiguration',
    });
    const snapshot = await rig.sync(files(GOOD));
    await rig.waitForProven(snapshot);
  });
});
