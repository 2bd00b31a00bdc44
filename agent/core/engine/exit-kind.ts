import type { ExitKind } from '../run.ts';

export interface RawExit {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  /** `SIGTERM`, `SIGKILL`, …; null when it exited by itself. */
  readonly signal: string | null;
  /** The kernel's out-of-memory killer was at work on it. */
  readonly isKernelOom: boolean;
}

/** Status of a JVM with `-XX:+ExitOnOutOfMemoryError` that ran out of heap. */
const JVM_OOM_STATUS = 3;
/** Faults of the program itself, as opposed to signals that somebody sends. */
const FAULTS = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGQUIT', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'];
/** A JVM and a shell turn a signal into 128 and its number. */
const SIGNAL_BY_STATUS: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/** Tells out-of-memory of kernel and JVM, crash, kill and clean end apart; `detail` is one sentence. */
export function classifyExit(exit: RawExit): { readonly kind: ExitKind; readonly detail: string } {
  const signal = exit.signal ?? (exit.status === null ? undefined : SIGNAL_BY_STATUS[exit.status]) ?? null;
  const how =
    exit.signal === null ? `exited with status ${exit.status ?? 'unknown'}` : `ended by ${exit.signal}`;
  if (exit.isKernelOom) return { kind: 'kernel-oom', detail: `${how}: the kernel killed it for memory` };
  if (exit.status === JVM_OOM_STATUS) {
    return { kind: 'jvm-oom', detail: `${how}: the JVM ran out of memory` };
  }
  if (exit.status === 0 || signal === 'SIGTERM') return { kind: 'clean', detail: how };
  if (signal !== null && !FAULTS.includes(signal)) return { kind: 'killed', detail: how };
  return { kind: 'crash', detail: how };
}
