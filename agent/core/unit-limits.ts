import type { MemoryPlan } from './sizing.ts';
import { AGENT_LIMIT_BYTES, AGENT_PROTECTED_BYTES } from './sizing-budget.ts';

/** Whose limits: the analytics process, the agent, or the slice around both. */
export const LIMITED = ['analytics', 'agent', 'slice'] as const;
export type Limited = (typeof LIMITED)[number];

interface Limit {
  readonly name: string;
  readonly value: string;
  readonly why: string;
}

/**
 * The memory limits of a unit, from the plan. The analytics process gets all but the reserve, also on a machine that
 * is too small for it: whoever starts it by hand there must not take the gateway along.
 */
export function planUnitLimits(plan: MemoryPlan, whose: Limited): readonly Limit[] {
  switch (whose) {
    case 'analytics':
      return [
        // No MemoryHigh: throttling a JVM ends in a collector that never gets done, not in less memory.
        {
          name: 'MemoryMax',
          value: String(plan.totalBytes - plan.reserveBytes),
          why: 'all but the reserve: past it the kernel ends this unit, and nothing else on the machine',
        },
        { name: 'MemorySwapMax', value: '0', why: 'a JVM that swaps answers nobody' },
      ];
    case 'agent':
      return [
        {
          name: 'MemoryMin',
          value: String(AGENT_PROTECTED_BYTES),
          why: 'never reclaimed: the agent answers while memory is short',
        },
        { name: 'MemoryMax', value: String(AGENT_LIMIT_BYTES), why: 'an agent that leaks is started again' },
      ];
    case 'slice':
      return [
        {
          name: 'MemoryMin',
          value: String(AGENT_PROTECTED_BYTES),
          why: "a unit's MemoryMin protects only as far as its slice has one, too",
        },
      ];
  }
}

/** A drop-in for the unit. The same plan gives the same text. */
export function renderDropIn(plan: MemoryPlan, whose: Limited): string {
  const lines = planUnitLimits(plan, whose).flatMap(({ name, value, why }) => [
    `# ${why}`,
    `${name}=${value}`,
  ]);
  const section = whose === 'slice' ? 'Slice' : 'Service';
  return `# Written at boot from the memory plan: gatewayctl size explains it.\n[${section}]\n${lines.join('\n')}\n`;
}
