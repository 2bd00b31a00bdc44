import type { MemoryReading } from '../core/pressure.ts';

/** How short memory is, of this machine and of the analytics process. */
export interface MemoryPressure {
  /** Never rejects: what the kernel does not tell is null. */
  read(): Promise<MemoryReading>;
}
