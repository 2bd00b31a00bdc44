import type { TestProject } from 'vitest/node';
import { startMoto } from './moto-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `http://127.0.0.1:PORT` of the moto server of this run. */
    motoEndpoint: string;
    /** Directory with `aws` (the AWS CLI, pinned). */
    pythonBin: string;
  }
}

/** One moto server for all test files of a project; each test makes buckets of its own in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const moto = await startMoto();
  project.provide('motoEndpoint', moto.endpoint);
  project.provide('pythonBin', moto.pythonBin);
  return () => moto.close();
}
