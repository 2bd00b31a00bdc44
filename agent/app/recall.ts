import type { Memory } from '../core/memory.ts';
import { recoverMemory } from '../core/recover.ts';
import type { Clock, Log, MemoryFile, ReleaseStore } from '../ports.ts';

export interface Recalled {
  readonly memory: Memory;
  /** Names under which lies what could not be read. */
  readonly setAside: readonly string[];
}

/**
 * What the agent remembers of its life before; without a readable memory, what the record of the proven release and the
 * intent tell. Rejects with STATE_FAILED or STORE_FAILED where the disk cannot be read.
 */
export async function recall(ports: {
  readonly memoryFile: MemoryFile;
  readonly provenFile: MemoryFile;
  readonly store: ReleaseStore;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Recalled> {
  const { store, clock, log } = ports;
  const loaded = await ports.memoryFile.load();
  const intent = await store.readIntent();
  const intended = intent === null ? null : await store.read(intent.digest);
  const proven = loaded.memory === null ? await ports.provenFile.load() : null;
  const memory = loaded.memory ?? recoverMemory(proven?.memory ?? null, intended, clock.now());
  const setAside = [loaded.setAside, proven?.setAside ?? null].filter((path) => path !== null);
  for (const path of setAside) {
    log.error({ event: 'state.set-aside', path }, 'the state could not be read and was set aside');
  }
  return { memory, setAside };
}
