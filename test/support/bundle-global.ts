import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory with `gateway-agent.cjs` and `gatewayctl.cjs`, built from this very checkout. */
    bundleDir: string;
  }
}

/**
 * Builds both programs once per vitest run, into a directory of the run's own: tests never meet a stale `dist/`,
 * and two runs beside each other do not overwrite what the other one executes.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bundleDir = await mkdtemp(path.join(os.tmpdir(), 'gateway-bundle-'));
  await promisify(execFile)(process.execPath, ['test/tools/build.mjs', '--outdir', bundleDir]);
  project.provide('bundleDir', bundleDir);
  return () => rm(bundleDir, { recursive: true, force: true });
}
