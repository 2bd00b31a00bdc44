import type {
  AcceptedRequest,
  Acknowledgement,
  Attempt,
  Drain,
  ExposureHold,
  Kept,
  Pause,
  Quarantine,
  Refusal,
  Sick,
  StartCause,
  Watch,
} from './memory.ts';
import type { Exit, RunningQuery } from './run.ts';
import type { Digest, ReleaseFacts, RunId } from './types.ts';

/**
 * One step of a plan as plain data. Most only change what the agent remembers; `store`, `publish`, `start`,
 * `restart`, `stop` and `answer` reach outside. Each is idempotent: done twice equals done once.
 */
export type Action =
  | { readonly kind: 'move-group'; readonly group: { readonly name: string; readonly markAt: number } }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'store'; readonly digest: Digest }
  | { readonly kind: 'acknowledge'; readonly acknowledgements: readonly Acknowledgement[] }
  | { readonly kind: 'keep'; readonly group: string; readonly kept: Kept | null }
  | { readonly kind: 'hold'; readonly exposure: ExposureHold }
  | { readonly kind: 'adopt'; readonly release: ReleaseFacts }
  | { readonly kind: 'publish'; readonly digest: Digest; readonly drift: readonly string[] }
  | { readonly kind: 'count-exit'; readonly exit: Exit }
  | { readonly kind: 'see-run'; readonly run: { readonly id: RunId; readonly startedAt: number } }
  | { readonly kind: 'drain'; readonly drain: Drain }
  | { readonly kind: 'open-attempt'; readonly attempt: Attempt }
  | {
      readonly kind: 'start' | 'restart';
      readonly cause: StartCause;
      readonly at: number;
      readonly replaces: RunId | null;
      /** Queries that the drain did not see end. */
      readonly queriesKilled: readonly RunningQuery[];
      /** The first request that it serves, if any. */
      readonly requestId: string | null;
    }
  | { readonly kind: 'stop'; readonly why: string }
  | {
      readonly kind: 'serve';
      readonly run: RunId;
      readonly digest: Digest;
      readonly at: number;
      readonly stableUntil: number;
      readonly bootId: string;
    }
  /** The run that served is gone without a fault of the release: the attempt waits for the next one. */
  | { readonly kind: 'follow'; readonly proveBy: number }
  | { readonly kind: 'close-attempt'; readonly why: string }
  /** Null: what is watched is about to be replaced. */
  | { readonly kind: 'watch'; readonly watch: Watch | null }
  | { readonly kind: 'prove'; readonly release: ReleaseFacts; readonly at: number }
  | { readonly kind: 'quarantine'; readonly quarantine: Quarantine }
  | { readonly kind: 'retry'; readonly digest: Digest }
  | { readonly kind: 'forget-quarantine'; readonly digests: readonly Digest[] }
  | { readonly kind: 'back-off'; readonly sick: Sick; readonly why: string }
  | { readonly kind: 'recover' }
  /** The clock was set back by this much at least: what is measured goes with it. */
  | { readonly kind: 'shift-clock'; readonly byMs: number }
  | { readonly kind: 'pause'; readonly pause: Pause }
  | { readonly kind: 'end-pause' }
  /** A person wants what failed to be tried again. */
  | { readonly kind: 'lift-quarantine' }
  | { readonly kind: 'accept-request'; readonly request: AcceptedRequest }
  | {
      readonly kind: 'answer';
      readonly id: string;
      readonly outcome: 'done' | 'failed' | 'refused';
      readonly reason: string;
      readonly at: number;
    };

export type ActionKind = Action['kind'];

export interface Plan {
  readonly actions: readonly Action[];
  /** One sentence for people: what is done, or what is waited for. */
  readonly reason: string;
  /** When to plan again even if nothing happens; null: only when something happens. */
  readonly wakeAt: number | null;
}
