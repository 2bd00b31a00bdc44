import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryRuleOf } from '../../../agent/core/engine/memory-rule.ts';
import {
  HEAP_STEP_BYTES,
  heapPercent,
  leastSufficientBytes,
  MIN_HEAP_BYTES,
  planMemory,
} from '../../../agent/core/sizing.ts';
import { nonHeapItems, reserveItems, sumOf } from '../../../agent/core/sizing-budget.ts';
import { explainPlan } from '../../../agent/core/sizing-reasons.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const PRESTO = { name: 'presto', version: '350', java: '17.0.15' };
const TRINO = { name: 'trino', version: '476', java: '25.0.1' };
/** The last engine that knows a total per node, and the first that does not. */
const OLD_TRINO = { name: 'trino', version: '368', java: '11.0.20' };
const NEXT_TRINO = { name: 'trino', version: '369', java: '11.0.20' };

const engines = fc.constantFrom(PRESTO, TRINO, OLD_TRINO, NEXT_TRINO);
const cpuCounts = fc.integer({ min: 1, max: 96 });
const machines = fc.record({
  totalBytes: fc.integer({ min: GIB / 2, max: 768 * GIB }),
  cpus: cpuCounts,
  engine: engines,
});

/** As LocalMemoryManager of each release checks at start; written down here once more on purpose. */
function isAcceptedByEngine(options: {
  readonly release: number;
  readonly heapBytes: number;
  readonly perNodeBytes: number | null;
}): boolean {
  const { release, heapBytes, perNodeBytes } = options;
  const headroom = Math.floor(heapBytes * 0.3);
  if (release <= 368) {
    const perNode = perNodeBytes ?? Math.floor(heapBytes * 0.1);
    const total = perNodeBytes ?? Math.floor(heapBytes * 0.3);
    return perNode <= total && total + headroom <= heapBytes;
  }
  return (perNodeBytes ?? Math.floor(heapBytes * 0.3)) + headroom <= heapBytes;
}

describe('each instance size gets its plan', () => {
  test.each([
    ['nano', 0.43, 'too-small', 0, 0],
    ['micro', 0.91, 'too-small', 0, 0],
    ['small', 1.89, 'sufficient', 1_024, 1_088],
    ['medium', 3.84, 'sufficient', 2_304, 2_432],
    ['large', 7.74, 'sufficient', 5_600, 5_800],
    ['xlarge', 15.5, 'sufficient', 11_700, 12_000],
    ['2xlarge', 31.1, 'sufficient', 24_000, 25_000],
  ])('%s, of which the kernel counts %d GiB: %s', (_, gib, verdict, leastMib, mostMib) => {
    const plan = planMemory({ totalBytes: gib * GIB, cpus: 2, engine: PRESTO });
    expect(plan.verdict).toBe(verdict);
    expect(plan.heapBytes / MIB).toBeGreaterThanOrEqual(leastMib);
    expect(plan.heapBytes / MIB).toBeLessThanOrEqual(mostMib);
  });
});

describe('for any machine from 0.5 to 768 GiB', () => {
  test('heap, what is needed beside it and the reserve fit into its memory', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { verdict, totalBytes, reserveBytes, heapBytes, nonHeapBytes, jvmFlags } = planMemory(machine);
        if (verdict === 'too-small') {
          expect([heapBytes, nonHeapBytes, jvmFlags]).toEqual([0, 0, []]);
          return;
        }
        expect(heapBytes + nonHeapBytes + reserveBytes).toBe(totalBytes);
        expect(sumOf(nonHeapItems(heapBytes, machine.cpus))).toBeLessThanOrEqual(nonHeapBytes);
        expect(sumOf(reserveItems(totalBytes))).toBe(reserveBytes);
        expect(heapBytes).toBeGreaterThanOrEqual(MIN_HEAP_BYTES);
        expect(jvmFlags).toContain(`-Xmx${heapBytes / MIB}m`);
      }),
    );
  });

  test('the heap is the share of what is left, unless that leaves too little beside it', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { verdict, heapBytes, totalBytes, reserveBytes } = planMemory(machine);
        if (verdict === 'too-small') return;
        const restBytes = totalBytes - reserveBytes;
        const share = (restBytes * heapPercent(totalBytes)) / 100;
        expect(heapBytes).toBeLessThanOrEqual(share);
        const next = heapBytes + HEAP_STEP_BYTES;
        const isNextTooLarge = next > share || next + sumOf(nonHeapItems(next, machine.cpus)) > restBytes;
        expect(isNextTooLarge).toBe(true);
      }),
    );
  });

  test('on machines as Amazon sells them that is 70 to 80 % of what is left, to within one step', () => {
    fc.assert(
      fc.property(fc.double({ min: 1.88, max: 768, noNaN: true }), (gib) => {
        // No type has more than a processor for each 4 GiB, but for the smallest, which have two.
        const cpus = Math.max(2, Math.floor(gib / 4));
        const { heapBytes, totalBytes, reserveBytes } = planMemory({
          totalBytes: gib * GIB,
          cpus,
          engine: TRINO,
        });
        const restBytes = totalBytes - reserveBytes;
        expect(heapBytes + HEAP_STEP_BYTES).toBeGreaterThan(restBytes * 0.69);
        expect(heapBytes).toBeLessThanOrEqual(restBytes * 0.8);
      }),
    );
  });

  test('more memory never gives a smaller heap, more processors never a larger one', () => {
    fc.assert(
      fc.property(
        machines,
        fc.integer({ min: 0, max: 4 * GIB }),
        cpuCounts,
        (machine, moreBytes, moreCpus) => {
          const { heapBytes } = planMemory(machine);
          const { totalBytes, cpus } = machine;
          expect(
            planMemory({ ...machine, totalBytes: totalBytes + moreBytes }).heapBytes,
          ).toBeGreaterThanOrEqual(heapBytes);
          expect(planMemory({ ...machine, cpus: cpus + moreCpus }).heapBytes).toBeLessThanOrEqual(heapBytes);
        },
      ),
    );
  });

  test('the engine accepts the plan at start: with its own query memory, and with the most that may be asked for', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { verdict, heapBytes } = planMemory(machine);
        if (verdict === 'too-small') return;
        const release = Number(machine.engine.version);
        const { mostBytes } = memoryRuleOf(machine.engine, heapBytes);
        expect(isAcceptedByEngine({ release, heapBytes, perNodeBytes: null })).toBe(true);
        expect(isAcceptedByEngine({ release, heapBytes, perNodeBytes: mostBytes })).toBe(true);
        expect(isAcceptedByEngine({ release, heapBytes, perNodeBytes: Math.ceil(heapBytes * 0.71) })).toBe(
          false,
        );
      }),
    );
  });

  test('the reasons add up to the plan', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { plan, reserve, restBytes, nonHeap, spareBytes } = explainPlan(machine);
        expect(sumOf(reserve) + restBytes).toBe(plan.totalBytes);
        if (plan.verdict === 'too-small') return;
        expect(plan.heapBytes + sumOf(nonHeap) + spareBytes).toBe(restBytes);
        expect(spareBytes).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test('a machine that is smaller than its own reserve is too small, and nothing is below zero', () => {
  for (const totalBytes of [0, 1, 64 * MIB, 300 * MIB]) {
    const plan = planMemory({ totalBytes, cpus: 1, engine: PRESTO });
    expect(plan).toMatchObject({ verdict: 'too-small', heapBytes: 0 });
    expect(plan.reserveBytes).toBeLessThanOrEqual(totalBytes);
  }
});

test('the least memory that is enough is enough, and 16 MiB less is not', () => {
  for (const cpus of [1, 2, 8, 64]) {
    const totalBytes = leastSufficientBytes({ cpus, engine: TRINO });
    expect(planMemory({ totalBytes, cpus, engine: TRINO }).verdict).toBe('sufficient');
    expect(planMemory({ totalBytes: totalBytes - 16 * MIB, cpus, engine: TRINO }).verdict).toBe('too-small');
  }
});

test('a heap that is less than its share says why', () => {
  const reason = (gib: number) => explainPlan({ totalBytes: gib * GIB, cpus: 2, engine: PRESTO }).heapReason;
  expect(reason(8)).toBe('80 % of it, in steps of 32 MiB');
  expect(reason(1.7)).toBe('less than 70 % of it: what is needed beside the heap must fit');
  expect(reason(1)).toBe('a heap below 768 MiB is of no use; the machine needs 1600 MiB');
});

test('each engine is told its own rule', () => {
  const propertyOf = (engine: typeof PRESTO) => memoryRuleOf(engine, GIB).property;
  expect([PRESTO, OLD_TRINO].map(propertyOf)).toEqual(Array(2).fill('query.max-total-memory-per-node'));
  expect([NEXT_TRINO, TRINO].map(propertyOf)).toEqual(Array(2).fill('query.max-memory-per-node'));
});
