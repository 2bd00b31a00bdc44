import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryPressure } from '../../agent/adapters/memory-pressure.ts';
import { makeScratch } from '../support/scratch.ts';

const STALL = (some: string) =>
  `some avg10=${some} avg60=1.00 avg300=0.00 total=9\nfull avg10=0.50 avg60=0.25 avg300=0.00 total=1\n`;

/** Files as the kernel shows them. */
function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

const MACHINE = {
  'proc/meminfo': 'MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     400 kB\n',
  'proc/pressure/memory': STALL('2.00'),
  'proc/self/cgroup': '0::/system.slice/gateway-agent.service\n',
};

const read = (root: string, unit: string | null) =>
  createMemoryPressure({
    unit,
    procDir: path.join(root, 'proc'),
    cgroupDir: path.join(root, 'cgroup'),
  }).read();

describe('memory pressure', () => {
  test('is that of the machine and of the unit beside the agent’s own', async () => {
    const root = await makeScratch();
    write(root, {
      ...MACHINE,
      'cgroup/system.slice/datomic-analytics.service/memory.pressure': STALL('7.00'),
      'cgroup/system.slice/datomic-analytics.service/memory.current': '5000\n',
      'cgroup/system.slice/datomic-analytics.service/memory.max': '8000\n',
      'cgroup/system.slice/datomic-analytics.service/memory.stat':
        'anon 3000\nfile 2000\ninactive_file 1500\n',
    });
    expect(await read(root, 'datomic-analytics.service')).toEqual({
      machine: {
        stall: { some10: 2, some60: 1, full10: 0.5, full60: 0.25 },
        totalBytes: 1_024_000,
        availableBytes: 409_600,
      },
      group: {
        stall: { some10: 7, some60: 1, full10: 0.5, full60: 0.25 },
        workingSetBytes: 3_500,
        limitBytes: 8_000,
      },
    });
  });

  test('is found from a log-in, too, which is in no unit', async () => {
    const root = await makeScratch();
    write(root, {
      ...MACHINE,
      'proc/self/cgroup': '0::/user.slice/user-1000.slice/session-3.scope\n',
      'cgroup/system.slice/datomic-analytics.service/memory.current': '7000\n',
    });
    expect((await read(root, 'datomic-analytics.service')).group?.workingSetBytes).toBe(7_000);
  });

  test('of a child is that of the group it shares with the agent; without a limit there is none', async () => {
    const root = await makeScratch();
    write(root, {
      ...MACHINE,
      'cgroup/system.slice/gateway-agent.service/memory.current': '5000\n',
      'cgroup/system.slice/gateway-agent.service/memory.max': 'max\n',
    });
    expect((await read(root, null)).group).toEqual({ stall: null, workingSetBytes: 5_000, limitBytes: null });
  });

  test('is none where the unit does not run, or control groups are of version 1', async () => {
    const root = await makeScratch();
    write(root, MACHINE);
    expect((await read(root, 'datomic-analytics.service')).group).toBeNull();
    write(root, { 'proc/self/cgroup': '4:memory:/system.slice/gateway-agent.service\n' });
    expect((await read(root, 'datomic-analytics.service')).group).toBeNull();
  });

  test('is nothing where the kernel tells nothing', async () => {
    expect(await read(await makeScratch(), 'datomic-analytics.service')).toEqual({
      machine: null,
      group: null,
    });
  });

  test('of this machine can be read', async () => {
    const { machine } = await createMemoryPressure({ unit: null }).read();
    expect(machine?.totalBytes).toBeGreaterThan(machine?.availableBytes ?? 0);
    expect(machine?.availableBytes).toBeGreaterThan(0);
  });
});
