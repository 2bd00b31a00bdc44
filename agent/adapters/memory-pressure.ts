import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type MemoryReading, parseStall } from '../core/pressure.ts';
import type { MemoryPressure } from '../ports/memory.ts';

/**
 * Pressure stall information of the kernel and of the control group of the analytics process. Only version 2 of
 * control groups has such; a machine without is no error.
 *
 * `unit`: the unit of the analytics process, which lies beside the agent's own; who asks from a log-in is in no unit,
 * and finds it in `system.slice`. Null when it is a child and shares the agent's group.
 */
export function createMemoryPressure(options: {
  readonly unit: string | null;
  readonly procDir?: string;
  readonly cgroupDir?: string;
}): MemoryPressure {
  const { unit, procDir = '/proc', cgroupDir = '/sys/fs/cgroup' } = options;

  const findGroup = async (): Promise<string | null> => {
    const own = /^0::(\/.*)$/m.exec(await readOrEmpty(join(procDir, 'self/cgroup')))?.[1];
    if (own === undefined) return null;
    if (unit === null) return join(cgroupDir, own);
    return join(cgroupDir, own.endsWith('.service') ? dirname(own) : 'system.slice', unit);
  };

  const readGroup = async (): Promise<MemoryReading['group']> => {
    const dir = await findGroup();
    if (dir === null) return null;
    const [pressure, current, max, stat] = await Promise.all(
      ['memory.pressure', 'memory.current', 'memory.max', 'memory.stat'].map((name) =>
        readOrEmpty(join(dir, name)),
      ),
    );
    // A unit that does not run has no group.
    if (current === undefined || current === '') return null;
    const idle = Number(/^inactive_file (\d+)$/m.exec(stat ?? '')?.[1] ?? 0);
    return {
      stall: parseStall(pressure ?? ''),
      workingSetBytes: Math.max(0, Number(current) - idle),
      limitBytes: /^\d+$/.test(max?.trim() ?? '') ? Number(max) : null,
    };
  };

  const readMachine = async (): Promise<MemoryReading['machine']> => {
    const [pressure, meminfo] = await Promise.all(
      ['pressure/memory', 'meminfo'].map((name) => readOrEmpty(join(procDir, name))),
    );
    const sizeOf = (name: string) => {
      const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo ?? '')?.[1];
      return kibibytes === undefined ? null : Number(kibibytes) * 1_024;
    };
    const [totalBytes, availableBytes] = [sizeOf('MemTotal'), sizeOf('MemAvailable')];
    if (totalBytes === null || availableBytes === null) return null;
    return { stall: parseStall(pressure ?? ''), totalBytes, availableBytes };
  };

  return {
    async read() {
      const [machine, group] = await Promise.all([readMachine(), readGroup()]);
      return { machine, group };
    },
  };
}

async function readOrEmpty(path: string): Promise<string> {
  // Not there, or the kernel was built without: nothing is known, which is an answer here.
  return await readFile(path, 'utf8').catch(() => '');
}
