import type { StartFailure } from './engine/start-failure.ts';
import type { Widened } from './gate/exposure.ts';
import type { Issue } from './issue.ts';
import type { Limits } from './limits.ts';
import type { Acknowledgement, Memory } from './memory.ts';
import type { Probe, Run } from './run.ts';
import type { Digest, Fingerprint, HoldKind, Origin, ReleaseFacts, RunId, SnapshotId } from './types.ts';

/** A snapshot after gate and guards. */
export interface Candidate {
  readonly snapshot: SnapshotId;
  readonly group: string;
  readonly origin: Origin;
  /** All findings of the gate, warnings too. */
  readonly issues: readonly Issue[];
  /** The release that it makes; null when an issue is an error. */
  readonly release: ReleaseFacts | null;
  /** Files that the source lost with their whole directory, and that the release keeps. */
  readonly kept: readonly string[];
  /** Catalogs that show more than before, not acknowledged. */
  readonly widened: readonly Widened[];
  /** The acknowledgements that are still needed, those of the manifest included. */
  readonly acknowledgements: readonly Acknowledgement[];
}

/** How the source is doing, as far as the planner cares. */
export interface SourceFacts {
  /** The group in force as the source shows it, and the newest time stamp seen; null before the first cut. */
  readonly group: { readonly name: string; readonly markAt: number } | null;
  /** The last look failed. */
  readonly isUnreachable: boolean;
  /** A sync is under way in the group in force. */
  readonly isPending: boolean;
  /** Start of the newest complete listing after which nothing was left to settle; null before the first. */
  readonly settledAt: number | null;
}

/** What every request in the spool says. */
interface Asked {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly requestedAt: number;
}

/** A request that lies in the spool and has no answer yet. */
export type OpenRequest =
  /** `isNow` skips the drain. */
  | (Asked & { readonly kind: 'restart'; readonly isNow: boolean })
  | (Asked & { readonly kind: 'poll' })
  | (Asked & { readonly kind: 'retry' })
  | (Asked & { readonly kind: 'resume' })
  | (Asked & {
      readonly kind: 'allow';
      readonly hold: HoldKind;
      readonly snapshot: SnapshotId;
      /** Empty: all paths of the hold. */
      readonly paths: readonly string[];
    })
  /** `forMs` null: until `resume`. */
  | (Asked & { readonly kind: 'pause'; readonly forMs: number | null });

/** Everything that the plan is made from. */
export interface Observed {
  readonly limits: Limits;
  readonly memory: Memory;
  /** The newest complete cut, judged; null until there is one in this life of the agent. */
  readonly candidate: Candidate | null;
  /** The newest metaschemas on the proven catalogs; only where the desired fingerprint is quarantined. */
  readonly composite: ReleaseFacts | null;
  /** Releases that lie whole in the store. */
  readonly store: readonly ReleaseFacts[];
  /** The release that is being, or was last, published; null also when it is not whole any more. */
  readonly intent: { readonly release: ReleaseFacts; readonly phase: 'publishing' | 'published' } | null;
  /** Paths in which the live etc differs from the release that the intent names. */
  readonly drift: readonly string[];
  readonly run: Run;
  /** What the running process was started with. */
  readonly started: { readonly digest: Digest; readonly fingerprint: Fingerprint } | null;
  /** The newest look at this very run; null before the first. */
  readonly probe: Probe | null;
  /** A catalog that the engine's log names as refused, in this or the last run. */
  readonly refusedCatalog: {
    readonly run: RunId;
    readonly catalog: string;
    /** `catalog/x.properties:3`; null where no file of the release can be blamed. */
    readonly place: string | null;
    readonly message: string;
  } | null;
  /** What the engine's log, or what prepared the start, names as reason of a start that failed. */
  readonly startFailure: StartFailure | null;
  /** The engine's last lines, secrets redacted. */
  readonly log: readonly string[];
  readonly source: SourceFacts;
  readonly requests: readonly OpenRequest[];
  readonly bootId: string;
  /** Whether the machine has memory enough for the analytics process. */
  readonly isMemorySufficient: boolean;
}
