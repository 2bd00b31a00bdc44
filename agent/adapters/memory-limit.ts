import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

const KIB = 1_024;

/**
 * Memory in bytes that the analytics process can have at most: what the kernel has, or less where a control group
 * around it says so (a container, a slice).
 *
 * `isEngineInOwnGroup`: the engine is a child of this process, so this process's own group limits it too. Under
 * systemd the engine has a unit of its own, and a limit on the agent's unit says nothing about it.
 */
export async function readMemoryLimit(options: {
  readonly isEngineInOwnGroup: boolean;
  readonly procDir?: string;
  readonly cgroupDir?: string;
}): Promise<number> {
  const { procDir = '/proc', cgroupDir = '/sys/fs/cgroup' } = options;
  const groups = await readGroups(procDir);
  const limits = await Promise.all(
    groups.flatMap((group) => {
      const root = group.isUnified ? cgroupDir : join(cgroupDir, 'memory');
      const file = group.isUnified ? 'memory.max' : 'memory.limit_in_bytes';
      return ancestorsOf(group.path, options.isEngineInOwnGroup).map((path) =>
        readLimit(join(root, path, file)),
      );
    }),
  );
  return Math.min(await readMemTotal(procDir), ...limits);
}

/** `MemTotal` is in KiB. Where there is no such file, Node's own number. */
async function readMemTotal(procDir: string): Promise<number> {
  const found = /^MemTotal:\s+(\d+) kB$/m.exec(await readOrEmpty(join(procDir, 'meminfo')));
  return found?.[1] === undefined ? totalmem() : Number(found[1]) * KIB;
}

/** `ID:CONTROLLERS:PATH` lines: `0::PATH` is version 2, a line that names `memory` version 1. */
async function readGroups(procDir: string): Promise<readonly { isUnified: boolean; path: string }[]> {
  const lines = (await readOrEmpty(join(procDir, 'self', 'cgroup'))).split('\n');
  return lines.flatMap((line): { isUnified: boolean; path: string }[] => {
    const [id, controllers, ...rest] = line.split(':');
    if (id === undefined || controllers === undefined) return [];
    const path = rest.join(':');
    if (id === '0' && controllers === '') return [{ isUnified: true, path }];
    return controllers.split(',').includes('memory') ? [{ isUnified: false, path }] : [];
  });
}

/** The group and all around it, up to the root that this process sees. */
function ancestorsOf(path: string, isOwnCounted: boolean): readonly string[] {
  const isUnit = path.endsWith('.service');
  let current = isUnit && !isOwnCounted ? dirname(path) : path;
  const found = [current];
  while (current !== '/' && current !== '.' && current !== '') {
    current = dirname(current);
    found.push(current);
  }
  return found;
}

/** No file, `max`, or version 1's huge number: no limit. */
async function readLimit(path: string): Promise<number> {
  const text = (await readOrEmpty(path)).trim();
  return /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : Number.POSITIVE_INFINITY;
}

async function readOrEmpty(path: string): Promise<string> {
  // A kernel without the file is a machine without that limit.
  return await readFile(path, 'utf8').catch(() => '');
}
