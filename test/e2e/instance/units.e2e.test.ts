import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInstance, disposeInstances, type Instance } from '../../support/instance.ts';

let instance: Instance;
beforeAll(async () => {
  instance = await createInstance();
  await instance.boot();
});
afterAll(disposeInstances);

const listUnits = async () =>
  (await readdir('systemd', { recursive: true })).filter((name) => /^[\w-]+\.(service|timer)$/.test(name));

describe('the units, by systemd’s own judgement', () => {
  it('are without a fault, each of them', async () => {
    const units = (await listUnits()).map((name) => `/usr/lib/systemd/system/${name}`);
    expect(units).toContain('/usr/lib/systemd/system/gateway-agent.service');
    const { status, stdout, stderr } = await instance.run('systemd-analyze', 'verify', '--man=no', ...units);
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
  });

  it('verify does find faults', async () => {
    const unit = '/etc/systemd/system/broken.service';
    await instance.write(unit, '[Service]\nExecStart=/nowhere\nTypo=yes\n');
    const { status, stderr } = await instance.run('systemd-analyze', 'verify', '--man=no', unit);
    expect(status).not.toBe(0);
    expect(stderr).toContain('Typo');
  });

  it.each([
    ['gateway-agent.service', 15],
    ['datomic-analytics.service', 20],
  ])('%s has an exposure of at most %i tenths', async (unit, threshold) => {
    const { status, stdout } = await instance.run(
      'systemd-analyze',
      'security',
      '--offline=true',
      `--threshold=${threshold}`,
      `/usr/lib/systemd/system/${unit}`,
    );
    expect(stdout).toMatch(/Overall exposure level/);
    expect(status).toBe(0);
  });

  it('the threshold does refuse', async () => {
    const unit = '/usr/lib/systemd/system/gateway-agent.service';
    const { status } = await instance.run(
      'systemd-analyze',
      'security',
      '--offline=true',
      '--threshold=5',
      unit,
    );
    expect(status).not.toBe(0);
  });
});

it('an image that nobody has configured boots to READY, with nothing failed but what waits for metadata', async () => {
  const { ActiveState, StatusText } = await instance.show(
    'gateway-agent.service',
    'ActiveState',
    'StatusText',
  );
  expect(ActiveState).toBe('active');
  expect(StatusText).toContain('configuration');
  expect(await instance.failedUnits()).toEqual(['gateway-first-boot.service']);
});

it('only the agent, first boot and the limits start by themselves', async () => {
  const enabled = await instance.sh(
    'systemctl list-unit-files --state=enabled --no-legend "gateway*" "datomic*"',
  );
  const names = enabled.split('\n').map((line) => line.split(/\s+/)[0]);
  expect(names.sort()).toEqual(expect.arrayContaining(['gateway-agent.service', 'gateway-first-boot.timer']));
  expect(names).not.toContain('datomic-analytics.service');
});

it('journals are bounded and outlive a boot', async () => {
  const settings = await instance.sh('systemd-analyze cat-config systemd/journald.conf');
  for (const line of ['Storage=persistent', 'SystemMaxUse=256M', 'RuntimeMaxUse=32M']) {
    expect(settings.split('\n')).toContain(line);
  }
  expect(await instance.sh('ls /var/log/journal')).not.toBe('');
});
