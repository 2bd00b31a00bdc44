import type { MetaschemaEffect } from './effect/effect.ts';
import type { Issue } from './issue.ts';
import type { RunningQuery } from './run.ts';

/** The status document of the contract: what `gatewayctl status --json` prints. Times are ISO 8601 UTC. */
export interface Status {
  readonly version: 1;
  readonly at: string;
  readonly system: string | null;
  readonly instance: {
    readonly id: string | null;
    readonly type: string | null;
    readonly memory: number;
    readonly cpus: number;
  };
  readonly agent: { readonly version: string; readonly pid: number; readonly startedAt: string };
  readonly source: {
    readonly uri: string;
    readonly group: string | null;
    /** All that the source holds something of. */
    readonly groups: readonly string[];
    readonly lastPollAt: string | null;
    readonly lastSuccessAt: string | null;
    readonly error: string | null;
  };
  readonly desired: StatusRelease | null;
  readonly effective: StatusRelease | null;
  readonly proven: StatusRelease | null;
  readonly held: readonly StatusHold[];
  readonly refused: {
    readonly snapshot: string;
    readonly reason: string;
    readonly issues: readonly Issue[];
    readonly at: string;
    readonly by: string;
  } | null;
  readonly paused: {
    readonly at: string;
    readonly by: string;
    readonly reason: string;
    readonly until: string | null;
  } | null;
  readonly quarantined: readonly {
    readonly fingerprint: string | null;
    readonly digest: string;
    readonly reason: string;
    readonly log: readonly string[];
    readonly at: string;
    readonly retryAt: string | null;
  }[];
  readonly analytics: {
    readonly state: 'stopped' | 'starting' | 'running' | 'stopping' | 'failed';
    readonly serving: boolean;
    readonly queriesRunning: number;
    readonly pid: number | null;
    readonly startedAt: string | null;
    readonly engine: string | null;
    /** Bytes. */
    readonly heap: number;
    readonly restarts: number;
    readonly lastRestart: {
      readonly id: string | null;
      readonly reason: string;
      readonly outcome: 'pending' | 'done' | 'failed';
      readonly at: string;
      readonly drainMs: number;
      readonly stopMs: number | null;
      readonly startMs: number | null;
      readonly queriesKilled: readonly RunningQuery[];
    } | null;
  };
  /** Whether the tables of the published metaschemas appeared in SQL, of the first hundred; empty while nobody looks. */
  readonly metaschemas: readonly MetaschemaEffect[];
  /** What the agent is doing or waiting for: the plan's reason. */
  readonly reason: string;
  readonly conditions: readonly Condition[];
}

export interface StatusRelease {
  readonly digest: string;
  readonly snapshot: string;
  readonly at: string;
  readonly by: string;
}

export interface StatusHold {
  readonly kind: 'deletion' | 'exposure';
  readonly snapshot: string;
  readonly paths: readonly string[];
  readonly reason: string;
  readonly at: string;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, for machines. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  readonly lastTransitionTime: string;
}
