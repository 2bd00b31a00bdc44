/**
 * Every interface between the agent and the outside, with its contract. Adapters implement them, `app/` uses
 * them, `main.ts` and `ctl.ts` wire them. All methods reject with `AgentError` only; anything else is a bug.
 */
import type { Answer } from './core/answer.ts';
import type { HistoryEntry } from './core/history.ts';
import type { Memory } from './core/memory.ts';
import type { OpenRequest } from './core/observed.ts';
import type { Intent, Release } from './core/release.ts';
import type { Probe, Run } from './core/run.ts';
import type { Status } from './core/status.ts';
import type { Digest, ReleaseFacts, RunId } from './core/types.ts';

/** An object of the source as a listing shows it. */
export interface ListedObject {
  /** The group whose etc directory holds it. Sources without groups use the one name they were given. */
  readonly group: string;
  /** Relative to the group's etc directory: `catalog/x.properties`, `manifest.json`, or something foreign. */
  readonly path: string;
  /** Changes whenever the content may have changed; compare for equality only (ETag, or inode, size and time). */
  readonly tag: string;
  readonly size: number;
  readonly modifiedAt: number;
}

export type ManifestRead =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'found'; readonly tag: string; readonly bytes: Uint8Array };

/**
 * Where configuration comes from. Nothing here decides: settling, groups and manifests are the reader's.
 *
 * - Every call ends by its own deadline, body included, also without an abort of `signal`.
 * - An object that is not there is only believed from `list`; `list` is complete or rejects.
 * - Rejects with SOURCE_UNREACHABLE, SOURCE_THROTTLED, SOURCE_DENIED, SOURCE_MISSING (no such bucket or
 *   directory) or SOURCE_TORN (a body that stalled, was cut short or failed its checksum).
 */
export interface ConfigSource {
  readonly uri: string;
  /** All objects below the source, of all groups, in one complete listing. */
  list(signal: AbortSignal): Promise<readonly ListedObject[]>;
  /** The bytes of exactly the listed version, or null when it is no longer that version. */
  read(object: ListedObject, signal: AbortSignal): Promise<Uint8Array | null>;
  /** The manifest of a group, unless its tag is still `knownTag`. One cheap request. */
  readManifest(group: string, knownTag: string | null, signal: AbortSignal): Promise<ManifestRead>;
  /** Calls `onEvent` when something below the source may have changed. Sources that cannot see this never call. */
  watch(onEvent: () => void): Promise<{ close(): Promise<void> }>;
}

/** Immutable releases by digest, and the intent, on disk. Whatever bears a final name is whole. */
export interface ReleaseStore {
  /** Writes a release durably. Idempotent. Rejects with STORE_FULL or STORE_FAILED; then nothing is visible. */
  write(release: Release): Promise<void>;
  /** The release, its digest checked against its bytes; null when it is not there or not whole. */
  read(digest: Digest): Promise<Release | null>;
  /** Facts of all releases that are there. */
  list(): Promise<readonly ReleaseFacts[]>;
  /** Removes all but `keep` and the newest five, and what interrupted writes left. */
  prune(keep: readonly Digest[]): Promise<void>;
  /** The intent, or null when there is none or it cannot be read. */
  readIntent(): Promise<Intent | null>;
  /** Replaces the intent durably. */
  writeIntent(intent: Intent): Promise<void>;
}

/** The live etc: where people and the connector find the configuration. */
export interface LiveEtc {
  /**
   * Paths in which the live etc differs from the release: changed, missing, or not part of it although of a
   * managed kind. Looks at sizes and times first and reads only what changed since it was last found equal.
   */
  compare(release: Release): Promise<readonly string[]>;
  /**
   * Brings the live etc in line with the release, file by file: additions and changes in path order, then
   * deletions in path order; each by unique temporary name, fsync, rename, fsync of the directory. Idempotent.
   * Resolves with the paths it touched. Rejects with PUBLISH_FAILED (`ENOSPC`, `EROFS`, … in fields).
   */
  bring(release: Release): Promise<readonly string[]>;
}

/** What the agent remembers, in one file with a version. */
export interface MemoryFile {
  /** Resolves with null memory when there is none. A file that cannot be read is set aside under the returned name. */
  load(): Promise<{ readonly memory: Memory | null; readonly setAside: string | null }>;
  /** Replaces the memory durably. Rejects with STATE_FAILED; then the old memory is intact. */
  save(memory: Memory): Promise<void>;
}

/** What the analytics process was started with, as recorded when its started copy was made; null without one. */
export interface StartedCopy {
  readonly digest: Digest;
  readonly madeAt: number;
}

/**
 * Runs the analytics process. All calls return as soon as the job is accepted; `observe` shows the progress.
 * A process that dies by itself is started again by the supervisor after a delay, from a new started copy.
 * The started copy is made from the one release that the intent names; without an intent nothing starts.
 */
export interface Supervisor {
  /** What is true now. Never waits for the process. Rejects with SUPERVISOR_FAILED. */
  observe(): Promise<{ readonly run: Run; readonly started: StartedCopy | null }>;
  /** Starts it unless it is running or starting. */
  start(): Promise<void>;
  /** One job: stop it (TERM, short grace, KILL), then start it. Also starts what was stopped. */
  restart(): Promise<void>;
  /** Stops it and keeps it stopped until `start` or `restart`. */
  stop(): Promise<void>;
  /** The last lines that it printed, oldest first, at most `lines`. */
  tail(lines: number): Promise<readonly string[]>;
  /** Calls `onEvent` when `observe` may have something new. A supervisor that cannot tell never calls. */
  onChange(onEvent: () => void): void;
  /** The agent ends: a child is stopped and waited for, with deadlines; a unit is left alone. */
  close(): Promise<void>;
}

/** Asks the engine over HTTP. */
export interface EngineProbe {
  /**
   * One look at the run: reachable, started, catalogs listed, serving (a query that schedules a split), running
   * queries. `isServingKnown` skips the query that proves serving. Resolves also when nothing answers.
   */
  probe(options: {
    readonly run: RunId;
    readonly runStartedAt: number;
    readonly catalogs: readonly string[];
    readonly isServingKnown: boolean;
    readonly signal: AbortSignal;
  }): Promise<Probe>;
}

/** What one look into the spool found. */
export interface SpoolLook {
  /** Requests without an answer, oldest first; not all of them when there are very many. */
  readonly open: readonly OpenRequest[];
  /** Lies there under a valid id and is no request: wants a refusal. */
  readonly malformed: readonly {
    readonly id: string;
    readonly by: string;
    /** One sentence; holds nothing of the content. */
    readonly why: string;
    readonly requestedAt: number;
  }[];
  /** Lay there under a name that is no id: removed, or left alone for ever. Each is told of once. */
  readonly strays: readonly { readonly name: string; readonly why: string }[];
  /** There is more than one look takes. */
  readonly hasMore: boolean;
}

/**
 * Requests of operators and their answers. Anybody who may write there can put anything there: nothing that lies
 * in it makes these calls fail, block or take long. They reject with SPOOL_FAILED when the directories themselves
 * cannot be used.
 */
export interface RequestSpool {
  /** Takes away requests that have an answer, and what is none; leaves alone those that are known already. */
  look(options: { readonly isKnown: (id: string) => boolean }): Promise<SpoolLook>;
  /** Stores the answer durably, then removes the request. The first answer to an id stays. */
  answer(answer: Answer): Promise<void>;
  /** Calls `onEvent` when something new may lie there. */
  watch(onEvent: () => void): { close(): void };
}

/** What was done when and why, for people. Bounded; a lost line is no loss to the work. */
export interface History {
  /** Rejects with HISTORY_FAILED. */
  append(entry: HistoryEntry): Promise<void>;
}

/** Takes the status document; the newest replaces all before it. */
export interface StatusSink {
  write(status: Status): Promise<void>;
}

/**
 * The agent's memory beyond its machine: one document per group, in the bucket. Every call ends by its own deadline.
 * Rejects with AWS_UNREACHABLE, AWS_THROTTLED or AWS_DENIED (also where the bucket is not there), or with
 * BASELINE_UNUSABLE for a document that is too large to be one.
 */
export interface BucketMemory {
  /** The groups of which something is saved. */
  groups(signal: AbortSignal): Promise<readonly string[]>;
  /** What is saved of a group; null when nothing is. `tag` names this very version. */
  read(
    group: string,
    signal: AbortSignal,
  ): Promise<{ readonly tag: string; readonly bytes: Uint8Array } | null>;
  /**
   * Replaces exactly the version `tag`, or makes the first one where `tag` is null. Resolves with the new version's
   * tag, or null when another one lies there: someone else has written meanwhile.
   */
  write(group: string, bytes: Uint8Array, tag: string | null, signal: AbortSignal): Promise<string | null>;
}

/** A place to which the newest of something is sent, beside the cycle. Ends by its own deadline; rejects with AWS_…. */
export interface Remote<T> {
  send(value: T, signal: AbortSignal): Promise<void>;
}

/** Tells the service supervisor of the agent itself. Does nothing where there is none. */
export interface Notifier {
  ready(status: string): Promise<void>;
  status(status: string): Promise<void>;
  /** Progress was made. */
  watchdog(): Promise<void>;
  stopping(): Promise<void>;
}

/** This machine. */
export interface Machine {
  /** Changes with each boot. */
  bootId(): Promise<string>;
  /** Memory that this machine or its control group has, in bytes. */
  memoryBytes(): Promise<number>;
  cpus(): number;
  /** From instance metadata; null where it is unknown, as yet or for ever. Never waits for long. */
  instance(): Promise<{ readonly id: string; readonly type: string; readonly region: string } | null>;
}

export interface Clock {
  /** Wall clock in ms since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Structured log. `event` is one of `core/events.ts`. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface LogFields {
  readonly event: string;
  readonly [field: string]: unknown;
}
