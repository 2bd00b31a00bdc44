/**
 * What is set aside before the heap is: the reserve of the machine, and the JVM's memory beside its heap. The JVM's
 * numbers were measured by native memory tracking on PrestoSQL 350 (Java 17) and Trino 476 (Java 25) with a heap of
 * 960 MiB and 270 threads, after joins and aggregations over tpch.sf1: 305 and 327 MiB, item by item. No item
 * here is below what was measured of it; code and buffers are bounded by flags, so they are counted whole. Pure.
 */

/** A part of the budget, with its reason. */
export interface BudgetItem {
  readonly what: string;
  readonly bytes: number;
  readonly why: string;
}

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;

/** What the agent may take before it is ended: its own unit's limit. It holds 64 MiB; a loop that leaks must not win. */
export const AGENT_LIMIT_BYTES = 256 * MIB;
/** Never reclaimed: the agent must answer while the machine is short of memory. */
export const AGENT_PROTECTED_BYTES = 64 * MIB;

/** Page cache, page tables and the like grow with the machine: one part in this many, up to a limit. */
const GROWING_SHARE = 20;
const MOST_GROWING = 960 * MIB;

/** For everything else on the machine. */
export function reserveItems(totalBytes: number): readonly BudgetItem[] {
  const growing = Math.min(Math.floor(totalBytes / GROWING_SHARE), MOST_GROWING);
  return [
    { what: 'system', bytes: 144 * MIB, why: 'kernel, systemd, journald' },
    { what: 'access', bytes: 80 * MIB, why: 'sshd and its sessions, SSM agent' },
    { what: 'agent', bytes: 96 * MIB, why: 'this agent, and gatewayctl when it is called' },
    {
      what: 'page cache',
      bytes: growing,
      why: `1/${GROWING_SHARE} of all, at most ${MOST_GROWING / MIB} MiB`,
    },
  ];
}

/** The JVM's memory beside a heap of that size. Grows with the heap. */
export function nonHeapItems(heapBytes: number, cpus: number): readonly BudgetItem[] {
  return [
    { what: 'classes', bytes: metaspaceBytes(heapBytes), why: 'metaspace; measured 93 and 112' },
    { what: 'code', bytes: codeCacheBytes(heapBytes), why: 'compiled code; all of ReservedCodeCacheSize' },
    { what: 'threads', bytes: (24 + 8 * cpus) * MIB, why: 'stacks: 24 MiB, and 8 MiB for each CPU' },
    { what: 'buffers', bytes: directBytes(heapBytes), why: 'direct buffers; all of MaxDirectMemorySize' },
    {
      what: 'collector',
      bytes: Math.floor(heapBytes / 16) + 16 * MIB,
      why: '1/16 of the heap and 16 MiB',
    },
    { what: 'JVM', bytes: 56 * MIB, why: 'symbols, arenas, class archive; measured 55' },
  ];
}

export const sumOf = (items: readonly BudgetItem[]): number =>
  items.reduce((sum, { bytes }) => sum + bytes, 0);

/** Queries make classes of their own, so more heap means more of them. */
function metaspaceBytes(heapBytes: number): number {
  if (heapBytes >= 8 * GIB) return 256 * MIB;
  return (heapBytes >= 2 * GIB ? 192 : 128) * MIB;
}

/** The 512 MB that Trino's documentation names are made for large heaps; measured were 36 and 48 MiB. */
export function codeCacheBytes(heapBytes: number): number {
  if (heapBytes >= 8 * GIB) return 512 * MIB;
  return (heapBytes >= 2 * GIB ? 256 : 96) * MIB;
}

/** Unset it would be as large as the heap. Measured was less than 7 MiB. */
export function directBytes(heapBytes: number): number {
  return Math.max(48 * MIB, Math.floor(heapBytes / 32 / MIB) * MIB);
}
