import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planMemory } from '../../../agent/core/sizing.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const PRESTO = { name: 'presto', version: '350', java: '17.0.15' };
const TRINO = { name: 'trino', version: '476', java: '25.0.1' };

/** What the kernel counts of a machine's memory: some of it is gone before. */
const seen = (bytes: number) => Math.floor(bytes * 0.96);

describe('each instance type gets its plan', () => {
  test.each([
    ['nano', 0.5, 'too-small', 0, 0],
    ['micro', 1, 'too-small', 0, 0],
    ['small', 2, 'sufficient', 900, 1_300],
    ['medium', 4, 'sufficient', 2_100, 2_800],
    ['large', 8, 'sufficient', 5_000, 6_000],
    ['xlarge', 16, 'sufficient', 11_000, 12_600],
    ['2xlarge', 32, 'sufficient', 23_000, 25_600],
  ])('%s with %d GiB: %s', (_, gib, verdict, leastMib, mostMib) => {
    const plan = planMemory({ totalBytes: seen(gib * GIB), cpus: 2, engine: PRESTO });
    expect(plan.verdict).toBe(verdict);
    expect(plan.heapBytes / MIB).toBeGreaterThanOrEqual(leastMib);
    expect(plan.heapBytes / MIB).toBeLessThanOrEqual(mostMib);
  });
});

test('heap, what lies outside it and the reserve never exceed the machine, and the heap is 60 to 80 % of the rest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 512 * GIB }),
      fc.integer({ min: 1, max: 8 }),
      (totalBytes, cpus) => {
        const plan = planMemory({ totalBytes, cpus, engine: TRINO });
        if (plan.verdict === 'too-small') {
          expect(totalBytes).toBeLessThan(1.7 * GIB);
          expect([plan.heapBytes, plan.jvmFlags]).toEqual([0, []]);
          return;
        }
        expect(plan.heapBytes + plan.nonHeapBytes + plan.reserveBytes).toBe(totalBytes);
        expect(plan.nonHeapBytes).toBeGreaterThanOrEqual((368 + 16 * cpus) * MIB);
        const share = plan.heapBytes / (totalBytes - plan.reserveBytes);
        expect(share).toBeLessThanOrEqual(0.8);
        expect(share).toBeGreaterThan(0.6);
        expect(plan.jvmFlags).toContain(`-Xmx${plan.heapBytes / MIB}m`);
      },
    ),
  );
});

test('more memory never gives a smaller heap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 64 * 1024 }), fc.integer({ min: 0, max: 1024 }), (mib, more) => {
      const heap = (totalMib: number) =>
        planMemory({ totalBytes: totalMib * MIB, cpus: 2, engine: PRESTO }).heapBytes;
      expect(heap(mib + more)).toBeGreaterThanOrEqual(heap(mib));
    }),
  );
});

test('out of memory ends the process and writes no dump, on every engine', () => {
  for (const engine of [PRESTO, TRINO]) {
    const { jvmFlags } = planMemory({ totalBytes: 8 * GIB, cpus: 2, engine });
    expect(jvmFlags).toContain('-XX:+ExitOnOutOfMemoryError');
    expect(jvmFlags).toContain('-XX:-HeapDumpOnOutOfMemoryError');
    expect(jvmFlags.join('\n')).not.toMatch(/\s-XX:\+HeapDump|query\.max/);
  }
});

test('regions and code cache shrink with the heap', () => {
  const flags = (gib: number) => planMemory({ totalBytes: gib * GIB, cpus: 2, engine: PRESTO }).jvmFlags;
  expect(flags(2)).toEqual(
    expect.arrayContaining(['-XX:G1HeapRegionSize=4M', '-XX:ReservedCodeCacheSize=160M']),
  );
  expect(flags(32)).toEqual(
    expect.arrayContaining(['-XX:G1HeapRegionSize=32M', '-XX:ReservedCodeCacheSize=512M']),
  );
});

test('PrestoSQL gets the opening that Java 17 makes necessary, Trino on a new Java its agent flag', () => {
  const flags = (engine: typeof PRESTO) => planMemory({ totalBytes: 8 * GIB, cpus: 2, engine }).jvmFlags;
  expect(flags(PRESTO)).toContain('--add-opens=java.base/java.lang=ALL-UNNAMED');
  expect(flags(PRESTO)).not.toContain('-XX:+EnableDynamicAgentLoading');
  expect(flags(TRINO)).toContain('-XX:+EnableDynamicAgentLoading');
  expect(flags(TRINO)).not.toContain('--add-opens=java.base/java.lang=ALL-UNNAMED');
});
