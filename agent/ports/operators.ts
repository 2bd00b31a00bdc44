import type { GatewayCommands, ScalingGroups } from './remote-control.ts';

/**
 * AWS as an operator's machine reaches it: with a person's or a pipeline's credentials, found by the SDK's own chain.
 *
 * Every call ends by its own deadline, and at once when `signal` aborts. All reject with `AgentError` only:
 * OPERATOR_NO_CREDENTIALS, OPERATOR_CREDENTIALS_EXPIRED, OPERATOR_CREDENTIALS_REJECTED, OPERATOR_NO_REGION,
 * OPERATOR_WRONG_REGION, OPERATOR_DENIED (its `call` names the action as a policy does), OPERATOR_REFUSED,
 * OPERATOR_MISSING, AWS_THROTTLED (after the SDK's own retries), AWS_UNREACHABLE or SOURCE_TORN. `cli/aws-failure.ts` makes one
 * sentence of each.
 */
export interface OperatorAws {
  /** Of `--region`, the environment or the profile. Rejects with OPERATOR_NO_REGION. */
  region(): Promise<string>;
  readonly systems: TaggedSystems;
  readonly instances: GatewayInstances;
  readonly commands: GatewayCommands;
  readonly groups: ScalingGroups;
  /** Nothing is asked until one of its calls is made. */
  bucket(name: string): Bucket;
}

/** What `-p` and `-r` said. Null: the SDK's own chain. */
export interface OperatorAwsOptions {
  readonly profile: string | null;
  readonly region: string | null;
}

/** Buckets by the tag `datomic:system` that Datomic gives them. */
export interface TaggedSystems {
  /** All buckets with this system's tag, in name order: none, the one, or a mistake. */
  bucketsOf(system: string, signal: AbortSignal): Promise<readonly string[]>;
  /** All systems that have a bucket in this region, in name order. */
  list(signal: AbortSignal): Promise<readonly string[]>;
}

export interface GatewayInstance {
  readonly id: string;
  readonly state: 'pending' | 'running';
  readonly type: string | null;
  readonly zone: string | null;
  readonly publicIp: string | null;
  readonly privateIp: string | null;
  /** In ms since the epoch. */
  readonly launchedAt: number;
}

/** Instances by the tag `Name` = `<system>-bastion` that the original CLI looks for. */
export interface GatewayInstances {
  /** Those that run or are about to, the newest first: two for a moment while one replaces the other. */
  find(system: string, signal: AbortSignal): Promise<readonly GatewayInstance[]>;
}

export interface BucketObject {
  readonly key: string;
  /** Changes with the content; compare for equality only. */
  readonly tag: string;
  readonly size: number;
  /** By the clock of S3, in ms since the epoch. */
  readonly modifiedAt: number;
}

/** What must be there for a write to happen. */
export type WriteCondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  /** Exactly this version. */
  | { readonly kind: 'tag'; readonly tag: string };

export interface Bucket {
  readonly name: string;
  /** All objects below the prefix in key order, in one complete listing. */
  list(prefix: string, signal: AbortSignal): Promise<readonly BucketObject[]>;
  /** Null when there is no such object, or no longer this version where `tag` names one. */
  read(
    key: string,
    options: { readonly maxBytes: number; readonly tag?: string },
    signal: AbortSignal,
  ): Promise<{ readonly tag: string; readonly bytes: Uint8Array; readonly modifiedAt: number } | null>;
  /** Resolves with the new version's tag, or null when the condition does not hold. */
  write(
    key: string,
    bytes: Uint8Array,
    condition: WriteCondition,
    signal: AbortSignal,
  ): Promise<string | null>;
  /** Removes exactly this version. False when another one lies there; true also when none does. */
  remove(key: string, tag: string, signal: AbortSignal): Promise<boolean>;
}
