import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../ports.ts';
import { type InstanceIdentity, metadataEndpoint, readInstanceIdentity } from './instance-metadata.ts';
import { readMemoryLimit } from './memory-limit.ts';

const METADATA_TIMEOUT_MS = 1_000;
/** Delays between tries to reach instance metadata; the last one repeats. */
const METADATA_RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000] as const;
const LAST_RETRY_MS = 60_000;

/** Processors that this process may use. */
export const countCpus = (): number => availableParallelism();

/**
 * This machine. Instance metadata is asked for in the background from the first call of `instance` on and never
 * waited for: until it answers, and for ever where it does not, the instance is null. `onInstance` is called
 * once when it has answered. `close` ends the asking.
 */
export function createMachine(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The engine is a child of this process and shares its control group. */
  readonly isEngineInOwnGroup: boolean;
  readonly onInstance?: (instance: InstanceIdentity) => void;
  readonly procDir?: string;
  readonly cgroupDir?: string;
  readonly retryMs?: readonly number[];
}): Machine & { close(): void } {
  const { procDir = '/proc' } = options;
  const retryMs = options.retryMs ?? METADATA_RETRY_MS;
  const endpoint = metadataEndpoint(options.environment);
  let instance: InstanceIdentity | null = null;
  let isAsking = false;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  async function ask(address: string, attempt: number): Promise<void> {
    const found = await readInstanceIdentity({ endpoint: address, timeoutMs: METADATA_TIMEOUT_MS });
    if (isClosed) return;
    if (found !== null) {
      instance = found;
      options.onInstance?.(found);
      return;
    }
    // Not `ref`ed: a program that has nothing else to do need not stay for this.
    timer = setTimeout(
      () => void ask(address, attempt + 1),
      retryMs[Math.min(attempt, retryMs.length - 1)] ?? LAST_RETRY_MS,
    ).unref();
  }

  return {
    async bootId() {
      // Other systems than Linux have none: then each start of the agent counts as one boot.
      const found = await readFile(join(procDir, 'sys/kernel/random/boot_id'), 'utf8').catch(() => '');
      return found.trim() === '' ? `process-${process.pid}` : found.trim();
    },
    memoryBytes: () => readMemoryLimit(options),
    cpus: countCpus,
    async instance() {
      if (!isAsking && endpoint !== null && !isClosed) {
        isAsking = true;
        void ask(endpoint, 0);
      }
      return instance;
    },
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
