import type { Widened } from './gate/exposure.ts';
import type { Issue } from './issue.ts';
import type { Exit, RunningQuery } from './run.ts';
import type { Digest, Fingerprint, HoldKind, ReleaseFacts, RunId, SnapshotId } from './types.ts';

/**
 * What the agent remembers across its own death: one document, replaced as a whole after each decision.
 *
 * INVARIANTS
 * - Nothing here is believed over what can be observed; it holds decisions and deadlines, no facts of the world.
 * - A deadline is on disk before the effect that it limits.
 */
export interface Memory {
  readonly version: 1;
  /** The group in force and the newest time stamp seen in the source; null before the first complete cut. */
  readonly group: { readonly name: string; readonly markAt: number } | null;
  /** The newest release that passed gate and guards. */
  readonly desired: ReleaseFacts | null;
  readonly proven: ReleaseFacts | null;
  /** What was proven on the machine before this one; what there is to fall back on until something is proven here. */
  readonly inherited: ReleaseFacts | null;
  /** The last proven release of each group: what guards compare with. */
  readonly baselines: Readonly<Record<string, Digest>>;
  /** Deletion holds by group. */
  readonly kept: Readonly<Record<string, Kept>>;
  /** The release that waits for a person because it shows more than before. */
  readonly exposure: ExposureHold | null;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly refused: Refusal | null;
  readonly quarantined: readonly Quarantine[];
  /** The try to get a release proven by a run. */
  readonly attempt: Attempt | null;
  /** A release with the fingerprint that runs, published and not yet proven. */
  readonly watch: Watch | null;
  readonly drain: Drain | null;
  /** The newest start or restart job that the agent sent. */
  readonly job: Job | null;
  /** The newest run that was seen. */
  readonly run: { readonly id: RunId; readonly startedAt: number } | null;
  /** The run whose exit was counted last. */
  readonly countedExit: RunId | null;
  /** The newest exits that nobody asked for, oldest first; bounded. */
  readonly exits: readonly Exit[];
  readonly sick: Sick | null;
  readonly paused: Pause | null;
  readonly requests: readonly AcceptedRequest[];
  /** Boot in which a run was serving last. */
  readonly servedBoot: string | null;
  /** Runs that began after the first, since the state began. */
  readonly restarts: number;
  readonly lastRestart: RestartReport | null;
}

export interface Kept {
  readonly paths: readonly string[];
  /** The release in which their bytes lie. */
  readonly from: Digest;
  readonly snapshot: SnapshotId;
  readonly at: number;
}

export interface ExposureHold {
  readonly snapshot: SnapshotId;
  readonly paths: readonly Widened[];
  readonly at: number;
}

/** A person's yes to named paths; lasts until a proven release reflects it. */
export interface Acknowledgement {
  readonly kind: HoldKind;
  readonly snapshot: SnapshotId;
  /** `reason` is what an exposure was acknowledged for; another widening of the same catalog is held anew. */
  readonly paths: readonly { readonly path: string; readonly reason: string | null }[];
  readonly at: number;
  readonly by: string;
}

export interface Refusal {
  readonly snapshot: SnapshotId;
  readonly reason: string;
  readonly issues: readonly Issue[];
  readonly at: number;
  readonly by: string;
}

export type FailureKind =
  /** The engine named a catalog that it refuses, or does not list one. */
  | 'catalog'
  | 'exit'
  /** Never served within its time. */
  | 'timeout';

export interface Quarantine {
  /** The fingerprint that failed; null when the release with the proven fingerprint failed by its digest. */
  readonly fingerprint: Fingerprint | null;
  readonly digest: Digest;
  readonly kind: FailureKind;
  readonly reason: string;
  /** The engine's last lines. */
  readonly log: readonly string[];
  readonly at: number;
  /** When it is tried again; null when only another fingerprint or a person's `retry` helps. */
  readonly retryAt: number | null;
  /** How often it was tried. */
  readonly tries: number;
  /** It is being tried again right now: it does not keep the release from being the target. */
  readonly isRetrying: boolean;
}

export type StartCause =
  | 'first-start'
  | 'boot'
  | 'stopped'
  | 'catalog'
  | 'request'
  | 'rollback'
  | 'retry'
  | 'found';

export interface Attempt {
  readonly digest: Digest;
  readonly fingerprint: Fingerprint;
  readonly cause: StartCause;
  /** The run that the job ends; a run with another id is the attempt's. */
  readonly replaces: RunId | null;
  readonly openedAt: number;
  readonly proveBy: number;
  /** The run that was seen serving, and when. */
  readonly serving: { readonly run: RunId; readonly at: number } | null;
  /** Set when it serves. */
  readonly stableUntil: number | null;
}

export interface Watch {
  readonly digest: Digest;
  /** From here it must stay up for `publish.stable`. */
  readonly since: number;
  /** Times of exits that count, each within the gap of the last. */
  readonly exitsAt: readonly number[];
}

export interface Drain {
  readonly run: RunId;
  readonly beganAt: number;
  readonly until: number;
  /** The queries that ran when it began; null until a look after that has shown them. */
  readonly queries: readonly RunningQuery[] | null;
}

export interface Job {
  readonly kind: 'start' | 'restart';
  readonly cause: StartCause;
  readonly sentAt: number;
  /** The run that it ends. */
  readonly replaces: RunId | null;
}

export interface Sick {
  readonly since: number;
  /** How many delays were used. */
  readonly step: number;
  readonly startAt: number;
  /** It was stopped and waits for `startAt`. */
  readonly isStopped: boolean;
  /** With which the machine failed; null in what an earlier version wrote. */
  readonly fingerprint: Fingerprint | null;
}

export interface Pause {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
  /** null: until `resume`. */
  readonly until: number | null;
}

/** A request that is served by something that takes time: a run, or a listing of the source. */
export interface AcceptedRequest {
  readonly kind: 'restart' | 'poll';
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly requestedAt: number;
  readonly acceptedAt: number;
  readonly isNow: boolean;
  /** The run at acceptance: only a later one serves the request. */
  readonly after: RunId | null;
  /** A job was already on its way at acceptance: the next run that appears does not serve either. */
  readonly isJobAhead: boolean;
  readonly pidBefore: number | null;
  /** The run that serves it. */
  readonly servedBy: RunId | null;
  /** The run that served it did not prove its release: why. */
  readonly failure: string | null;
}

export interface RestartReport {
  readonly id: string | null;
  readonly reason: string;
  readonly outcome: 'pending' | 'done' | 'failed';
  readonly at: number;
  readonly drainMs: number;
  readonly stopMs: number | null;
  readonly startMs: number | null;
  readonly queriesKilled: readonly RunningQuery[];
}

export const EMPTY_MEMORY: Memory = {
  version: 1,
  group: null,
  desired: null,
  proven: null,
  inherited: null,
  baselines: {},
  kept: {},
  exposure: null,
  acknowledgements: [],
  refused: null,
  quarantined: [],
  attempt: null,
  watch: null,
  drain: null,
  job: null,
  run: null,
  countedExit: null,
  exits: [],
  sick: null,
  paused: null,
  requests: [],
  servedBoot: null,
  restarts: 0,
  lastRestart: null,
};
