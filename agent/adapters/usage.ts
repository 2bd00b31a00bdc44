import { readFile } from 'node:fs/promises';

export interface Usage {
  readonly memoryAvailableBytes: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** What the machine can still give, and what this process takes. Memory is 0 where the system does not say. */
export async function readUsage(meminfo = '/proc/meminfo'): Promise<Usage> {
  // Other systems than Linux have no such file.
  const text = await readFile(meminfo, 'utf8').catch(() => '');
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  const { user, system } = process.cpuUsage();
  return {
    memoryAvailableBytes: Number(kibibytes ?? 0) * 1024,
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  };
}
