/** How much of the machine the analytics process may have. Pure: total memory, CPUs and engine go in. */
export interface MemoryPlan {
  readonly verdict: 'sufficient' | 'too-small';
  readonly totalBytes: number;
  /** For the operating system, the SSM agent, sshd and this agent. */
  readonly reserveBytes: number;
  /** JVM memory outside the heap. */
  readonly nonHeapBytes: number;
  /** 0 when too small. */
  readonly heapBytes: number;
  readonly jvmFlags: readonly string[];
}
