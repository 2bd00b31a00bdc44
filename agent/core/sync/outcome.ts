/** What a gateway's status says of one synced snapshot. Pure. */
import type { Issue } from '../issue.ts';
import type { Condition, Status } from '../status.ts';

export type SyncOutcome =
  /**
   * Serving, and stayed up. `keeps` are files that stay live until a person agrees to their deletion, `effect` says
   * whether the tables of the metaschemas are there; null where nobody looks for them.
   */
  | { readonly kind: 'proven'; readonly keeps: readonly string[]; readonly effect: SyncEffect | null }
  | { readonly kind: 'refused'; readonly reason: string; readonly issues: readonly Issue[] }
  | { readonly kind: 'held'; readonly reason: string; readonly paths: readonly string[] }
  | { readonly kind: 'rolled-back'; readonly reason: string; readonly log: readonly string[] }
  /** It is live, or could be, and cannot become proven before something else changes. */
  | { readonly kind: 'unproven'; readonly reason: string }
  | { readonly kind: 'paused'; readonly by: string; readonly until: string | null }
  /** Not decided yet. `isTaken`: the gateway works on it. */
  | {
      readonly kind: 'waiting';
      readonly isTaken: boolean;
      readonly isLive: boolean;
      readonly reason: string;
    };

/** Condition `MetaschemaEffect`, as far as it does not say since when. */
export type SyncEffect = Pick<Condition, 'status' | 'reason' | 'message'>;

export type DecidedOutcome = Exclude<SyncOutcome, { readonly kind: 'waiting' }>;

/** `group` is the one that was synced; a gateway that follows another one says nothing about it. */
export function judgeSync(
  status: Status,
  sync: { readonly snapshot: string; readonly group: string },
): SyncOutcome {
  const { snapshot, group } = sync;
  const { refused, desired, proven, paused } = status;
  const isLive = status.effective?.snapshot === snapshot;
  const waiting = { kind: 'waiting', isTaken: desired?.snapshot === snapshot, isLive } as const;
  if (refused?.snapshot === snapshot) {
    return { kind: 'refused', reason: refused.reason, issues: refused.issues };
  }
  const held = status.held.filter((hold) => hold.snapshot === snapshot);
  const exposure = held.find(({ kind }) => kind === 'exposure');
  if (exposure !== undefined) return { kind: 'held', reason: exposure.reason, paths: exposure.paths };
  if (status.source.group !== null && status.source.group !== group) {
    return { ...waiting, reason: `the gateway still follows the group ${status.source.group}` };
  }
  if (desired?.snapshot !== snapshot) {
    if (paused !== null) return { kind: 'paused', by: paused.by, until: paused.until };
    return { ...waiting, reason: status.reason };
  }
  if (proven?.digest === desired.digest) {
    const keeps = held.flatMap(({ kind, paths }) => (kind === 'deletion' ? paths : []));
    return { kind: 'proven', keeps, effect: findEffect(status) };
  }
  const find = (type: string) => status.conditions.find((one) => one.type === type && one.status === 'False');
  const unproven = find('Proven');
  if (unproven?.reason === 'RolledBack') {
    const entry = status.quarantined.find(({ digest }) => digest === desired.digest) ?? status.quarantined[0];
    return { kind: 'rolled-back', reason: entry?.reason ?? unproven.message, log: entry?.log ?? [] };
  }
  if (unproven?.reason === 'NoConfiguration') return { kind: 'unproven', reason: unproven.message };
  const memory = find('MemorySufficient');
  if (memory !== undefined) return { kind: 'unproven', reason: memory.message };
  if (paused !== null && !isLive) return { kind: 'paused', by: paused.by, until: paused.until };
  return { ...waiting, reason: status.reason };
}

function findEffect({ conditions }: Status): SyncEffect | null {
  const found = conditions.find(({ type }) => type === 'MetaschemaEffect');
  if (found === undefined) return null;
  const { status, reason, message } = found;
  return { status, reason, message };
}
