import type { ErrorCode } from '../core/errors.ts';
import type { Issue } from '../core/issue.ts';
import type { SourceLimits } from '../core/source/limits.ts';
import type { Origin, Snapshot, SnapshotId } from '../core/types.ts';
import type { Clock, ConfigSource } from '../ports.ts';

/** The newest complete cut of the group in force. */
export type Cut =
  | {
      readonly kind: 'snapshot';
      readonly snapshot: Snapshot;
      /** Warnings about what lies around the files; codes begin with `SOURCE_`. */
      readonly issues: readonly Issue[];
    }
  | {
      /** Too much to read: refused as a whole, never trimmed. */
      readonly kind: 'over-limit';
      /** Over the listing (path, tag, size), since the bytes were not read. */
      readonly id: SnapshotId;
      readonly group: string;
      readonly origin: Origin;
      readonly issues: readonly Issue[];
    };

export interface SourceError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** When the first of the failures in a row was seen. */
  readonly since: number;
  readonly failures: number;
}

/** A sync that is under way, or was left behind. */
export interface PendingSync {
  readonly id: string;
  readonly by: string;
  readonly at: number;
  /** Its lock is 15 minutes old: whoever held it is gone. */
  readonly isInterrupted: boolean;
}

export interface SourceView {
  readonly uri: string;
  readonly lastPollAt: number | null;
  readonly lastSuccessAt: number | null;
  readonly error: SourceError | null;
  /** Stays through errors, pending syncs and settling: only a newer complete cut replaces it. */
  readonly cut: Cut | null;
  readonly group: { readonly name: string; readonly markAt: number } | null;
  /** All groups that the last complete listing showed. */
  readonly groups: readonly string[];
  /** Of the group in force. */
  readonly pending: PendingSync | null;
  readonly isSettling: boolean;
  /** Start of the newest complete listing after which nothing was left to settle. */
  readonly settledAt: number | null;
  /** When the manifest that led to the cut arrived; null for a cut without an agreeing manifest. */
  readonly manifestAt: number | null;
}

export interface SourceSettings {
  readonly pollIntervalMs: number;
  readonly listIntervalMs: number;
  readonly settleMs: number;
  readonly settleDeletionsMs: number;
  /** `auto` follows syncs; anything else is the name of the one group. */
  readonly group: string;
  /** The group where nothing else says which: the system's name, or the one name of a bare source. */
  readonly defaultGroup: string;
  readonly limits: SourceLimits;
}

export interface SourceReaderOptions {
  readonly source: ConfigSource;
  readonly clock: Clock;
  /** Lower-case hex. */
  readonly sha256: (bytes: Uint8Array) => string;
  /** In [0, 1), for the jitter of the back-off. */
  readonly random: () => number;
  readonly settings: SourceSettings;
  readonly known: {
    /** The group in force before this life of the agent. */
    readonly group: { readonly name: string; readonly markAt: number } | null;
    /** Paths of the last proven files of a group: losing one of them takes the longer settle time. */
    readonly baselinePaths: (group: string) => readonly string[];
  };
  /** The view changed in something other than the time of the last poll. Must not throw. */
  readonly onResult: () => void;
}

export interface SourceReader {
  view(): SourceView;
  /** Lists as soon as possible, also during back-off; a listing that has begun does not count. */
  lookNow(): void;
  /** The group in force, as it was learned from another machine. Looks as soon as possible. */
  begin(inForce: { readonly name: string; readonly markAt: number }): void;
  /** Resolves when the signal aborts. Call once. */
  run(signal: AbortSignal): Promise<void>;
}
