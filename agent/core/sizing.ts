import type { EngineIdentity } from './engine/identity.ts';
import { planJvmFlags } from './jvm-flags.ts';
import { nonHeapItems, reserveItems, sumOf } from './sizing-budget.ts';

/** How much of the machine the analytics process may have. Pure: total memory, CPUs and engine go in. */
export interface MemoryPlan {
  readonly verdict: 'sufficient' | 'too-small';
  readonly totalBytes: number;
  /** For the operating system, the SSM agent, sshd and this agent. */
  readonly reserveBytes: number;
  /** JVM memory outside the heap: all that is left beside it. */
  readonly nonHeapBytes: number;
  /** 0 when too small. */
  readonly heapBytes: number;
  readonly jvmFlags: readonly string[];
}

export interface SizingInput {
  readonly totalBytes: number;
  readonly cpus: number;
  readonly engine: EngineIdentity;
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Below this the engine starts, and dies of the first query that sorts anything. */
export const MIN_HEAP_BYTES = 768 * MIB;
/** The heap is a whole number of these: of the largest region, and a few bytes more or less change nothing. */
export const HEAP_STEP_BYTES = 32 * MIB;

/**
 * Plans the memory of the analytics process: a reserve for everything else on the machine, then 70 % (small
 * machines) to 80 % (from 8 GiB on) of the rest as heap, or less where the JVM's memory beside the heap needs more
 * than what that leaves. A machine on which this leaves no usable heap is too small: nano and micro types.
 */
export function planMemory({ totalBytes: found, cpus, engine }: SizingInput): MemoryPlan {
  const totalBytes = Math.floor(found);
  const reserveBytes = Math.min(sumOf(reserveItems(totalBytes)), totalBytes);
  const restBytes = totalBytes - reserveBytes;
  const heapBytes = largestHeap(restBytes, heapPercent(totalBytes), cpus);
  if (heapBytes < MIN_HEAP_BYTES) {
    return { verdict: 'too-small', totalBytes, reserveBytes, nonHeapBytes: 0, heapBytes: 0, jvmFlags: [] };
  }
  return {
    verdict: 'sufficient',
    totalBytes,
    reserveBytes,
    nonHeapBytes: restBytes - heapBytes,
    heapBytes,
    jvmFlags: planJvmFlags(heapBytes, engine),
  };
}

/** 70 up to 4 GiB, 80 from 8 GiB on, evenly between: what lies outside the heap grows slower than the heap. */
export function heapPercent(totalBytes: number): number {
  const above = Math.max(0, Math.min(totalBytes, 8 * GIB) - 4 * GIB);
  return 70 + Math.floor((10 * above) / (4 * GIB));
}

/** What heap and non-heap need together grows with the heap, so all heaps below the largest that fits do fit. */
function largestHeap(restBytes: number, percent: number, cpus: number): number {
  const share = Math.floor((restBytes * percent) / 100);
  let heapBytes = Math.floor(share / HEAP_STEP_BYTES) * HEAP_STEP_BYTES;
  while (heapBytes > 0 && heapBytes + sumOf(nonHeapItems(heapBytes, cpus)) > restBytes) {
    heapBytes -= HEAP_STEP_BYTES;
  }
  return heapBytes;
}

/** The least memory, in steps of 16 MiB, that is enough. */
export function leastSufficientBytes({ cpus, engine }: Omit<SizingInput, 'totalBytes'>): number {
  const step = 16 * MIB;
  let totalBytes = MIN_HEAP_BYTES;
  while (planMemory({ totalBytes, cpus, engine }).verdict === 'too-small') totalBytes += step;
  return totalBytes;
}
