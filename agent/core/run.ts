import type { RunId } from './types.ts';

/** How a run of the analytics process ended. */
export type ExitKind =
  /** Ended with status 0 or by TERM without our asking. */
  | 'clean'
  | 'crash'
  /** The JVM ran out of heap and ended itself. */
  | 'jvm-oom'
  /** The kernel killed it for memory. */
  | 'kernel-oom'
  /** Killed by a signal that nobody here sent. */
  | 'killed';

export interface Exit {
  readonly run: RunId;
  readonly at: number;
  readonly kind: ExitKind;
  /** One sentence: status or signal, as found. */
  readonly detail: string;
  /** The agent asked for it (restart, stop): no fault of the release. */
  readonly isExpected: boolean;
}

/** `unknown`: the supervisor could not be asked; nothing is concluded from it. */
export type RunState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed' | 'unknown';

/** The analytics process as its supervisor sees it. */
export interface Run {
  /** `starting` also while the supervisor waits to start it again; `failed` only when it will not. */
  readonly state: RunState;
  /** The run that is starting, running or stopping; null without one. */
  readonly id: RunId | null;
  readonly pid: number | null;
  readonly startedAt: number | null;
  /** The newest exit that the supervisor knows of; null when it knows of none. */
  readonly lastExit: Exit | null;
}

export interface RunningQuery {
  readonly id: string;
  readonly user: string;
}

/** What one look at the engine showed. */
export interface Probe {
  readonly run: RunId;
  /** When the look began. */
  readonly at: number;
  readonly state: 'unreachable' | 'starting' | 'started' | 'serving';
  /** Catalogs that should be there and are not listed; empty while `unreachable` or `starting`. */
  readonly missingCatalogs: readonly string[];
  /** Queries of others that are queued or run; our own do not count. */
  readonly queries: readonly RunningQuery[];
  /** A backend's own error on the proof query: the engine serves, its backend does not. */
  readonly backendError: string | null;
  /** e.g. `PrestoSQL 350`; null until it said so. */
  readonly engine: string | null;
  /** One sentence for people: what is missing. */
  readonly message: string;
}
