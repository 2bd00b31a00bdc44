import type { EngineIdentity } from './identity.ts';
import { profileOf } from './profile.ts';

/** The engine compares with the heap that the JVM offers; whoever sets a size stays this much below, in percent. */
const MARGIN_PERCENT = 5;

export interface MemoryRule {
  /** The property that headroom is added to. */
  readonly property: 'query.max-total-memory-per-node' | 'query.max-memory-per-node';
  /** The most that it may be set to. */
  readonly mostBytes: number;
  /** One sentence for people. */
  readonly sentence: string;
}

/**
 * The rule by which the engine refuses to start: up to 368 total memory per node, from 369 on memory per node, plus
 * headroom must not be more than the heap (LocalMemoryManager of each). The defaults fit any heap.
 */
export function memoryRuleOf(engine: EngineIdentity, heapBytes: number): MemoryRule {
  const { hasTotalMemoryPerNode, queryMemoryPercent, headroomPercent } = profileOf(engine);
  const property = hasTotalMemoryPerNode ? 'query.max-total-memory-per-node' : 'query.max-memory-per-node';
  return {
    property,
    mostBytes: Math.floor((heapBytes * (100 - headroomPercent - MARGIN_PERCENT)) / 100),
    sentence: `${property} (${queryMemoryPercent} %) and headroom (${headroomPercent} %) must fit the heap`,
  };
}
