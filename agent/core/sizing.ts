import { isPrestoSql, javaFeatureOf } from './engine-version.ts';
import type { EngineIdentity } from './release.ts';

/** How much of the machine the analytics process may have. Pure: total memory, CPUs and engine go in. */
export interface MemoryPlan {
  readonly verdict: 'sufficient' | 'too-small';
  readonly totalBytes: number;
  /** For the operating system, the SSM agent, sshd and this agent. */
  readonly reserveBytes: number;
  /** JVM memory outside the heap. */
  readonly nonHeapBytes: number;
  /** 0 when too small. */
  readonly heapBytes: number;
  readonly jvmFlags: readonly string[];
}

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Kernel, systemd, sshd, the SSM agent and this agent as they idle, with some room. */
const BASE_RESERVE = 320 * MIB;
/** Page cache, page tables and the like grow with the machine: one part in this many, up to a limit. */
const RESERVE_SHARE = 20;
const MAX_RESERVE = GIB + 256 * MIB;
/** Classes, compiled code and buffers of an engine that answers queries. */
const BASE_NON_HEAP = 368 * MIB;
/** Collector, compiler and query threads come by the processor, each with its stack and its buffers. */
const NON_HEAP_PER_CPU = 16 * MIB;
/** Below this the engine starts, and dies of the first query that sorts anything. */
const MIN_HEAP = 768 * MIB;
/** The heap is a whole number of these, so that a few bytes more or less of memory change nothing. */
const HEAP_STEP = 64 * MIB;

/**
 * Plans the memory of the analytics process: a reserve for everything else on the machine, then 70 % (small
 * machines) to 80 % (from 8 GiB on) of the rest as heap, always leaving room for classes, code and threads beside it. A machine on
 * which that leaves no usable heap is too small: below about 1.5 GiB, so nano and micro types.
 */
export function planMemory(options: {
  readonly totalBytes: number;
  readonly cpus: number;
  readonly engine: EngineIdentity;
}): MemoryPlan {
  const totalBytes = Math.floor(options.totalBytes);
  const reserveBytes = Math.min(BASE_RESERVE + Math.floor(totalBytes / RESERVE_SHARE), MAX_RESERVE);
  const restBytes = Math.max(0, totalBytes - reserveBytes);
  const share = Math.floor((restBytes * heapPercent(totalBytes)) / 100);
  const wanted = Math.min(share, restBytes - BASE_NON_HEAP - options.cpus * NON_HEAP_PER_CPU);
  const heapBytes = Math.floor(wanted / HEAP_STEP) * HEAP_STEP;
  if (heapBytes < MIN_HEAP) {
    return { verdict: 'too-small', totalBytes, reserveBytes, nonHeapBytes: 0, heapBytes: 0, jvmFlags: [] };
  }
  return {
    verdict: 'sufficient',
    totalBytes,
    reserveBytes,
    nonHeapBytes: restBytes - heapBytes,
    heapBytes,
    jvmFlags: planFlags(heapBytes, options.engine),
  };
}

/** 70 up to 4 GiB, 80 from 8 GiB on, evenly between: what lies outside the heap grows slower than the heap. */
function heapPercent(totalBytes: number): number {
  const above = Math.max(0, Math.min(totalBytes, 8 * GIB) - 4 * GIB);
  return 70 + Math.floor((10 * above) / (4 * GIB));
}

function planFlags(heapBytes: number, engine: EngineIdentity): readonly string[] {
  const java = javaFeatureOf(engine);
  return [
    `-Xmx${heapBytes / MIB}m`,
    // Named, because the JVM itself takes the serial collector on small machines.
    '-XX:+UseG1GC',
    `-XX:G1HeapRegionSize=${regionMegabytes(heapBytes)}M`,
    `-XX:ReservedCodeCacheSize=${codeCacheMegabytes(heapBytes)}M`,
    '-XX:+ExplicitGCInvokesConcurrent',
    // Out of memory ends the process: the supervisor starts it again, and the exit status tells why.
    '-XX:+ExitOnOutOfMemoryError',
    // A dump is as large as the heap: a few of them fill a small machine's disk.
    '-XX:-HeapDumpOnOutOfMemoryError',
    '-XX:-OmitStackTraceInFastThrow',
    '-Dfile.encoding=UTF-8',
    '-Djdk.attach.allowAttachSelf=true',
    '-Djdk.nio.maxCachedBufferSize=2000000',
    // Guice of PrestoSQL fails at start without it on Java 16 and newer.
    ...(isPrestoSql(engine) ? ['--add-opens=java.base/java.lang=ALL-UNNAMED'] : []),
    // Java 21 and newer warn at each start without it.
    ...(java !== null && java >= 21 ? ['-XX:+EnableDynamicAgentLoading'] : []),
  ];
}

/** The documented 32 MB is made for large heaps; a small one needs some hundred regions to collect well. */
function regionMegabytes(heapBytes: number): number {
  if (heapBytes >= 16 * GIB) return 32;
  if (heapBytes >= 8 * GIB) return 16;
  return heapBytes >= 4 * GIB ? 8 : 4;
}

/** The documented 512 MB, or what a small machine can spare. */
function codeCacheMegabytes(heapBytes: number): number {
  if (heapBytes >= 8 * GIB) return 512;
  return heapBytes >= 2 * GIB ? 256 : 160;
}
