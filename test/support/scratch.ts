import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory that is gone when the test is over. */
export async function makeScratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'gateway-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
