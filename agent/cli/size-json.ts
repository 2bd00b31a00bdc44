import type { EngineIdentity } from '../core/engine/identity.ts';
import { INSTANCE_TYPES, visibleBytes } from '../core/instance-types.ts';
import { smallestSufficientTypes } from '../core/memory-message.ts';
import { planMemory, type SizingInput } from '../core/sizing.ts';
import { explainPlan } from '../core/sizing-reasons.ts';
import { LIMITED, planUnitLimits } from '../core/unit-limits.ts';

/** The plan and its reasons; sizes in bytes. */
export function printPlanJson(input: SizingInput): string {
  const { plan, ...reasons } = explainPlan(input);
  const { verdict, totalBytes, reserveBytes, heapBytes, nonHeapBytes, jvmFlags } = plan;
  const limitsOf = (whose: (typeof LIMITED)[number]) =>
    Object.fromEntries(planUnitLimits(plan, whose).map(({ name, value }) => [name, value]));
  return print({
    verdict,
    memory: totalBytes,
    cpus: input.cpus,
    engine: input.engine,
    reserve: reserveBytes,
    heap: heapBytes,
    nonHeap: nonHeapBytes,
    jvmFlags,
    limits: Object.fromEntries(LIMITED.map((whose) => [whose, limitsOf(whose)])),
    enough: smallestSufficientTypes(input.engine, null),
    reasons: {
      heap: reasons.heapReason,
      queries: reasons.queryRule,
      reserve: reasons.reserve,
      nonHeap: reasons.nonHeap,
      spare: reasons.spareBytes,
    },
  });
}

/** All instance types; `memory` as Amazon states it. */
export function printTypesJson(engine: EngineIdentity): string {
  const types = INSTANCE_TYPES.map((type) => {
    const { verdict, heapBytes } = planMemory({ totalBytes: visibleBytes(type), cpus: type.cpus, engine });
    const { name, architecture, cpus, memoryBytes } = type;
    return { name, architecture, cpus, memory: memoryBytes, verdict, heap: heapBytes };
  });
  return print({ engine, types });
}

const print = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
