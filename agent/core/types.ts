/**
 * The vocabulary of the design as types. Everything here is plain data: it survives `JSON.stringify`.
 * Instants are milliseconds since the epoch and end in `At`; durations end in `Ms`.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Name of a release: sha256 (hex) over everything that was laid out for it. */
export type Digest = Branded<'Digest'>;
/** Digest of the meaning of all that the engine reads at start. */
export type Fingerprint = Branded<'Fingerprint'>;
/** Name of a snapshot: sha256 (hex) over its sorted `path NUL sha256 LF` lines. */
export type SnapshotId = Branded<'SnapshotId'>;
/** One life of the analytics process: systemd's InvocationID, or `pid:startTime` of a child. */
export type RunId = Branded<'RunId'>;

/** A file by its path relative to the etc directory (`catalog/x.properties`), with its bytes. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Who asked for a configuration and when, as far as the source says. */
export interface Origin {
  readonly at: number;
  readonly by: string;
}

export type HoldKind = 'deletion' | 'exposure';

/** One consistent cut of the source: paths and bytes, not yet trusted. */
export interface Snapshot {
  readonly id: SnapshotId;
  readonly group: string;
  readonly files: readonly SourceFile[];
  readonly origin: Origin;
  /** What the manifest allows for exactly this content; empty without an agreeing manifest. */
  readonly allow: readonly HoldKind[];
}

/** What the planner needs to know of a release that lies whole in the store. */
export interface ReleaseFacts {
  readonly digest: Digest;
  readonly snapshot: SnapshotId;
  readonly group: string;
  readonly fingerprint: Fingerprint;
  /** Names of the catalogs that the engine must list before it counts as serving. */
  readonly catalogs: readonly string[];
  readonly origin: Origin;
}
