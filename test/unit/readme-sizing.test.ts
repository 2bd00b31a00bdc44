import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { INSTANCE_TYPES, type InstanceType, visibleBytes } from '../../agent/core/instance-types.ts';
import { planMemory } from '../../agent/core/sizing.ts';

const GIB = 1024 ** 3;
const ENGINES = [
  { name: 'presto', version: '350', java: '17' },
  { name: 'trino', version: '476', java: '25' },
];

const README = readFileSync('README.md', 'utf8');
const ROWS = [...README.matchAll(/^\| ([\d.]+) GiB \| (too small|\d+ MiB) \| (.*) \|$/gm)].map(
  ([, memory, heap, types = '']) => ({
    memoryBytes: Number(memory) * GIB,
    heap,
    // `m*.large` in the table stands for all families of that letter.
    patterns: [...types.matchAll(/[a-z0-9*]+\.[a-z0-9]+/g)].map(
      ([name]) => new RegExp(`^${name.replace('.', '\\.').replace('*', '\\w+')}$`),
    ),
  }),
);

function heapOn(type: InstanceType, engine: (typeof ENGINES)[number]): string {
  const { verdict, heapBytes } = planMemory({ totalBytes: visibleBytes(type), cpus: type.cpus, engine });
  return verdict === 'sufficient' ? `${heapBytes / 1024 ** 2} MiB` : 'too small';
}

it('README tells the heap on each instance type, for each engine', () => {
  for (const type of INSTANCE_TYPES) {
    const rows = ROWS.filter(({ patterns }) => patterns.some((pattern) => pattern.test(type.name)));
    expect(
      rows.map(({ memoryBytes }) => memoryBytes),
      type.name,
    ).toEqual([type.memoryBytes]);
    for (const engine of ENGINES) expect(heapOn(type, engine), type.name).toBe(rows[0]?.heap);
  }
});

it('README names no instance type that the table lacks', () => {
  const all = INSTANCE_TYPES.map(({ name }) => name);
  const idle = ROWS.flatMap(({ patterns }) => patterns).filter(
    (pattern) => !all.some((name) => pattern.test(name)),
  );
  expect(idle).toEqual([]);
});
