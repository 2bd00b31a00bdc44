import type { EngineIdentity } from './engine/identity.ts';
import { isPrestoSql, javaFeatureOf } from './engine-version.ts';
import { codeCacheBytes, directBytes } from './sizing-budget.ts';

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;

/**
 * The options of the JVM, one per line of `jvm.config`. An option that a Java does not know stops it at once, so
 * what is not there in all of 11, 17 and 25 asks for the Java first; of an unknown Java only those are given.
 */
export function planJvmFlags(heapBytes: number, engine: EngineIdentity): readonly string[] {
  const java = javaFeatureOf(engine);
  return [
    `-Xmx${heapBytes / MIB}m`,
    // Named, because the JVM itself takes the serial collector on small machines.
    '-XX:+UseG1GC',
    `-XX:G1HeapRegionSize=${regionMegabytes(heapBytes)}M`,
    `-XX:ReservedCodeCacheSize=${codeCacheBytes(heapBytes) / MIB}M`,
    // Not set, buffers may take as much as the heap again.
    `-XX:MaxDirectMemorySize=${directBytes(heapBytes) / MIB}m`,
    // A coordinator runs for weeks; at the default limits the JVM stops compiling what it compiled often.
    '-XX:PerMethodRecompilationCutoff=10000',
    '-XX:PerBytecodeRecompilationCutoff=10000',
    '-XX:+ExplicitGCInvokesConcurrent',
    // Out of memory ends the process: the supervisor starts it again, and the exit status tells why.
    '-XX:+ExitOnOutOfMemoryError',
    // A dump is as large as the heap, a core larger: a few of them fill a small machine's disk.
    '-XX:-HeapDumpOnOutOfMemoryError',
    '-XX:-CreateCoredumpOnCrash',
    // One name, so that the report of a crash replaces that of the one before; in the data directory.
    '-XX:ErrorFile=hs_err.log',
    '-XX:-OmitStackTraceInFastThrow',
    '-Dfile.encoding=UTF-8',
    '-Djdk.attach.allowAttachSelf=true',
    '-Djdk.nio.maxCachedBufferSize=2000000',
    ...(java === null ? [] : flagsOfJava(java)),
    // Java 16 and newer close what PrestoSQL reaches into: Guice at start, Zstandard in each call of a function.
    ...(isPrestoSql(engine)
      ? ['java.lang', 'java.nio'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`)
      : []),
  ];
}

function flagsOfJava(java: number): readonly string[] {
  return [
    // On by default before 15 and costly with many threads; from 21 on it is unknown.
    ...(java < 15 ? ['-XX:-UseBiasedLocking'] : []),
    // Before 22 a thread that waits for native code twice is told that memory is out, which would end the process.
    ...(java <= 21 ? ['-XX:+UnlockDiagnosticVMOptions', '-XX:GCLockerRetryAllocationCount=32'] : []),
    // Java 21 and newer warn at each start without it.
    ...(java >= 21 ? ['-XX:+EnableDynamicAgentLoading'] : []),
  ];
}

/** The documented 32 MB is made for large heaps; a small one needs some hundred regions to collect well. */
function regionMegabytes(heapBytes: number): number {
  if (heapBytes >= 16 * GIB) return 32;
  if (heapBytes >= 8 * GIB) return 16;
  return heapBytes >= 4 * GIB ? 8 : 4;
}
