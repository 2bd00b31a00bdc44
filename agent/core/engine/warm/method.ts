/** How a start is sped up by classes that an earlier run has loaded: what the Java at hand can do decides. */
export type WarmMethod = 'class-data-archive' | 'aot-cache';

/** `-XX:ArchiveClassesAtExit` (JEP 350). */
const FIRST_WITH_ARCHIVE = 13;
/** `-XX:AOTCacheOutput` makes the cache in one run (JEP 514), with profiles of methods in it (JEP 515). */
const FIRST_WITH_CACHE = 25;

/** Null: this Java has none that one training run could make. `feature` is 17 of `17.0.15`. */
export function findWarmMethod(feature: number | null): WarmMethod | null {
  if (feature === null || feature < FIRST_WITH_ARCHIVE) return null;
  return feature < FIRST_WITH_CACHE ? 'class-data-archive' : 'aot-cache';
}

/**
 * Options of a start that uses the file. Both name the default, by which the JVM goes on without a file that does not
 * fit, in case that an operator's own options say otherwise.
 */
export function optionsToUse(method: WarmMethod, file: string): readonly string[] {
  return method === 'aot-cache'
    ? [`-XX:AOTCache=${file}`, '-XX:AOTMode=auto']
    : [`-XX:SharedArchiveFile=${file}`, '-Xshare:auto'];
}

/** Options of a run that writes the file when it ends. */
export function optionsToTrain(method: WarmMethod, file: string): readonly string[] {
  return method === 'aot-cache' ? [`-XX:AOTCacheOutput=${file}`] : [`-XX:ArchiveClassesAtExit=${file}`];
}

const HEAP = /^-Xmx(\d+)([kmgt]?)$/i;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
/** From here references take eight bytes, and classes that were archived with four cannot be used. */
const LARGE_HEAP_BYTES = 32 * 2 ** 30;

/**
 * What of the JVM's options an archive depends on: the collector and the like, module options, and whether the heap is
 * a large one. Sizes, properties and what happens out of memory do not count, so an image serves instances of every size.
 */
export function bindingOptions(options: readonly string[]): readonly string[] {
  const heap = options.map((option) => HEAP.exec(option)).findLast((found) => found !== null);
  const heapBytes = Number(heap?.[1] ?? 0) * (UNITS[heap?.[2]?.toLowerCase() ?? ''] ?? 1);
  const binding = options.filter((option) => /^(-XX:[+-]Use|--|-javaagent|-agent)/.test(option));
  return [...binding, ...(heapBytes >= LARGE_HEAP_BYTES ? ['large heap'] : [])];
}
