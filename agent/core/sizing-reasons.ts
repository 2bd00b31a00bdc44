import { memoryRuleOf } from './engine/memory-rule.ts';
import {
  HEAP_STEP_BYTES,
  heapPercent,
  leastSufficientBytes,
  type MemoryPlan,
  MIN_HEAP_BYTES,
  planMemory,
  type SizingInput,
} from './sizing.ts';
import { type BudgetItem, nonHeapItems, reserveItems, sumOf } from './sizing-budget.ts';

/** How a plan came about: what was added up, and what was concluded. */
export interface ExplainedPlan {
  readonly plan: MemoryPlan;
  readonly reserve: readonly BudgetItem[];
  /** What is left beside the reserve. */
  readonly restBytes: number;
  /** Why the heap is what it is. */
  readonly heapReason: string;
  /** Needed beside a heap of that size; of the smallest one where the machine is too small. */
  readonly nonHeap: readonly BudgetItem[];
  /** What neither heap nor the needs beside it take: what the engine's files in the page cache live from. */
  readonly spareBytes: number;
  readonly queryRule: string;
}

const mib = (bytes: number) => `${Math.floor(bytes / 1024 ** 2)} MiB`;

/** The plan with its reasoning. */
export function explainPlan(input: SizingInput): ExplainedPlan {
  const plan = planMemory(input);
  const restBytes = plan.totalBytes - plan.reserveBytes;
  const nonHeap = nonHeapItems(Math.max(plan.heapBytes, MIN_HEAP_BYTES), input.cpus);
  return {
    plan,
    reserve: reserveItems(plan.totalBytes),
    restBytes,
    heapReason: heapReasonOf(plan, restBytes, input),
    nonHeap,
    spareBytes: plan.heapBytes === 0 ? 0 : plan.nonHeapBytes - sumOf(nonHeap),
    queryRule: memoryRuleOf(input.engine, plan.heapBytes).sentence,
  };
}

function heapReasonOf(plan: MemoryPlan, restBytes: number, input: SizingInput): string {
  if (plan.verdict === 'too-small') {
    return `a heap below ${mib(MIN_HEAP_BYTES)} is of no use; the machine needs ${mib(leastSufficientBytes(input))}`;
  }
  const percent = heapPercent(plan.totalBytes);
  const step = mib(HEAP_STEP_BYTES);
  const share = Math.floor((restBytes * percent) / 100);
  return share - plan.heapBytes < HEAP_STEP_BYTES
    ? `${percent} % of it, in steps of ${step}`
    : `less than ${percent} % of it: what is needed beside the heap must fit`;
}
