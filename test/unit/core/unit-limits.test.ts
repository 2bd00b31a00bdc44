import { describe, expect, test } from 'vitest';
import { INSTANCE_TYPES, visibleBytes } from '../../../agent/core/instance-types.ts';
import {
  describeMemory,
  isTypeSufficient,
  smallestSufficientTypes,
} from '../../../agent/core/memory-message.ts';
import { planMemory } from '../../../agent/core/sizing.ts';
import { LIMITED, renderDropIn } from '../../../agent/core/unit-limits.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const engine = { name: 'presto', version: '350', java: '17.0.15' };
const plan = (gib: number) => planMemory({ totalBytes: gib * GIB, cpus: 2, engine });

describe('the limits of the units', () => {
  test('the analytics process may have all but the reserve, without swap, and is not throttled', () => {
    const text = renderDropIn(plan(8), 'analytics');
    const { heapBytes, nonHeapBytes } = plan(8);
    expect(text).toContain(`\n[Service]\n`);
    expect(text).toContain(`\nMemoryMax=${heapBytes + nonHeapBytes}\n`);
    expect(text).toContain('\nMemorySwapMax=0\n');
    expect(text).not.toContain('MemoryHigh');
  });

  test('a machine that is too small is protected from an analytics process that somebody starts by hand', () => {
    const { totalBytes, reserveBytes } = plan(1);
    expect(renderDropIn(plan(1), 'analytics')).toContain(`MemoryMax=${totalBytes - reserveBytes}\n`);
  });

  test('what protects the agent stands at its slice, too, or it would protect nothing', () => {
    expect(renderDropIn(plan(8), 'agent')).toMatch(/^\[Service\]$[\s\S]*^MemoryMin=67108864$/m);
    expect(renderDropIn(plan(8), 'slice')).toMatch(/^\[Slice\]$[\s\S]*^MemoryMin=67108864$/m);
  });

  test('the agent may take no more than the reserve holds for it and the page cache', () => {
    const limit = Number(/^MemoryMax=(\d+)$/m.exec(renderDropIn(plan(1.89), 'agent'))?.[1]);
    expect(limit).toBeGreaterThan(128 * MIB);
    expect(limit).toBeLessThan(plan(1.89).reserveBytes);
  });

  test('each line is one that systemd reads: a section, a comment or NAME=NUMBER', () => {
    for (const whose of LIMITED) {
      for (const line of renderDropIn(plan(4), whose).trimEnd().split('\n')) {
        expect(line).toMatch(/^(# .+|\[(Service|Slice)\]|Memory[A-Za-z]+=\d+)$/);
      }
    }
  });
});

describe('instance types', () => {
  test('each is there once, with memory and processors above nothing', () => {
    const names = INSTANCE_TYPES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const family of ['t3', 't3a', 't4g', 'm7g', 'r8i']) {
      expect(names.some((name) => name.startsWith(`${family}.`))).toBe(true);
    }
  });

  test('nano and micro are too small, all others are enough, for each engine', () => {
    for (const identity of [engine, { name: 'trino', version: '476', java: '25' }]) {
      const small = INSTANCE_TYPES.filter((type) => !isTypeSufficient(type, identity)).map(
        ({ name }) => name,
      );
      expect(small.toSorted()).toEqual([
        't3.micro',
        't3.nano',
        't3a.micro',
        't3a.nano',
        't4g.micro',
        't4g.nano',
      ]);
    }
  });

  test('the kernel counts less than Amazon states, and never below nothing', () => {
    for (const type of INSTANCE_TYPES) {
      expect(visibleBytes(type)).toBeGreaterThan(0);
      expect(visibleBytes(type)).toBeLessThan(type.memoryBytes);
    }
  });
});

describe('what a person is told of the memory', () => {
  const say = (gib: number, instanceType: string | null) =>
    describeMemory({ plan: plan(gib), cpus: 2, engine, instanceType });

  test('where it is enough: the heap', () => {
    expect(say(7.74, 't3.large')).toBe('a heap of 5.5 GiB on a machine with 7.7 GiB');
  });

  test('where it is too little: what it needs, which types are enough, and what works all the same', () => {
    expect(say(0.43, null)).toBe(
      '0.4 GiB is too little for the analytics process, which needs 1.6 GiB: enough are t3.small, t3a.small, ' +
        't4g.small and larger, and all m and r types; client access works',
    );
  });

  test('only types of the architecture that its image is made for are named', () => {
    expect(smallestSufficientTypes(engine, 't4g.nano')).toEqual(['t4g.small']);
    expect(smallestSufficientTypes(engine, 't3a.micro')).toEqual(['t3.small', 't3a.small']);
    expect(smallestSufficientTypes(engine, 'x9.unknown')).toEqual(['t3.small', 't3a.small', 't4g.small']);
  });
});
