import { hasTotalMemoryProperty } from '../engine-version.ts';
import type { EngineIdentity } from '../release.ts';

/** What the engine sets aside for what it does not count (`memory.heap-headroom-per-node`), in percent of the heap. */
const HEADROOM_PERCENT = 30;
/** What one query may take on a node by default, in percent of the heap; with the total where there is one. */
const QUERY_PERCENT = 30;
/** The engine compares with the heap that the JVM offers; whoever sets a size stays this much below, in percent. */
const MARGIN_PERCENT = 5;

export interface MemoryRule {
  /** The property that headroom is added to. */
  readonly property: 'query.max-total-memory-per-node' | 'query.max-memory-per-node';
  /** What it is when nobody sets it. */
  readonly defaultBytes: number;
  readonly headroomBytes: number;
  /** The most that it may be set to. */
  readonly mostBytes: number;
  /** One sentence for people. */
  readonly sentence: string;
}

/**
 * The rule by which the engine refuses to start: up to 368 total memory per node, from 369 on memory per node, plus
 * headroom must not be more than the heap (LocalMemoryManager of each). By default 30 % and 30 %: fits any heap.
 */
export function memoryRuleOf(engine: EngineIdentity, heapBytes: number): MemoryRule {
  const property = hasTotalMemoryProperty(engine)
    ? 'query.max-total-memory-per-node'
    : 'query.max-memory-per-node';
  return {
    property,
    defaultBytes: Math.floor((heapBytes * QUERY_PERCENT) / 100),
    headroomBytes: Math.floor((heapBytes * HEADROOM_PERCENT) / 100),
    mostBytes: Math.floor((heapBytes * (100 - HEADROOM_PERCENT - MARGIN_PERCENT)) / 100),
    sentence: `${property} (${QUERY_PERCENT} %) and headroom (${HEADROOM_PERCENT} %) must fit the heap`,
  };
}
