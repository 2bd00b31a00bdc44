/**
 * One look at the source: list, judge, and where something new is complete, cut: read what changed, list again,
 * and take it only when the second listing is identical.
 *
 * INVARIANTS
 * - The cut changes only to something that was true at one moment; no error and no half of a look touches it.
 * - The mark never goes back.
 */
import { AgentError } from '../core/errors.ts';
import { agreesWithBytes, isInterrupted } from '../core/manifest.ts';
import { chooseGroup, type GroupInForce, hasGained, type JudgedGroup } from '../core/source/group.ts';
import type { GroupListing } from '../core/source/listing.ts';
import { findSettledAt, type Settling } from '../core/source/settle.ts';
import { judgeGroup } from '../core/source/verdict.ts';
import type { ListedObject } from '../ports.ts';
import { type KnownBytes, readFiles } from './source-bytes.ts';
import { makeOverLimitCut, makeSnapshotCut, withIssues } from './source-cut.ts';
import { type Listing, listGroups } from './source-listing.ts';
import type { Manifests, ReadManifest } from './source-manifests.ts';
import type { Cut, PendingSync, SourceReaderOptions } from './source-types.ts';

/** Objects that change again and again during one look: after so many rounds the next look is waited for. */
const MAX_ROUNDS = 5;
/** Nobody writes for so many looks on end: the listing and the objects disagree, and that is a failure. */
const MAX_RESTLESS_LOOKS = 3;
const RETRY_MS = 1_000;

/** What the last complete look found. */
export interface LookFindings {
  readonly cut: Cut | null;
  readonly manifestAt: number | null;
  readonly group: GroupInForce | null;
  readonly pending: PendingSync | null;
  readonly isSettling: boolean;
  readonly settledAt: number | null;
  /** All groups that the last complete listing showed. */
  readonly groups: readonly string[];
  /** When the next look is due because something may have settled; null when nothing is settling. */
  readonly wakeAt: number | null;
}

export interface Look {
  /** Rejects with what the source rejects with; then only caches and settle times have changed. */
  look(signal: AbortSignal): Promise<void>;
  found(): LookFindings;
  /** Another machine's group in force, unless the source is known to be further already. */
  begin(inForce: GroupInForce): void;
  /** The group whose manifest is worth polling, and the tag of its manifest as last listed. */
  polled(): { readonly group: string; readonly tag: string | null };
}

type Judged = JudgedGroup<GroupListing<ListedObject>> & { readonly read: ReadManifest | null };
/** The look is over, or has to judge (again) by this listing. */
type Outcome = Listing | 'over';

export function createLook(options: SourceReaderOptions & { readonly manifests: Manifests }): Look {
  const { source, clock, sha256, settings, known, manifests } = options;
  const only = settings.group === 'auto' ? null : settings.group;
  let group: GroupInForce | null =
    only === null || known.group?.name === only ? known.group : { name: only, markAt: 0 };
  let seenAtMark: ReadonlySet<string> | null = null;
  let newest: Listing | null = null;
  let settling: ReadonlyMap<string, Settling> = new Map();
  let taken: { group: string; identity: string; cut: Cut; manifestAt: number | null } | null = null;
  let lock: { pending: Omit<PendingSync, 'isInterrupted'>; lockedAt: number } | null = null;
  let ends = { isSettling: false, settledAt: null as number | null, wakeAt: null as number | null };
  /** Looks on end that found no moment in which the source was one thing. */
  let restlessLooks = 0;
  let bytes: { group: string; known: Map<string, KnownBytes> } | null = null;
  const pathsBefore = new Map<string, readonly string[]>();
  /** By group, the identity of a listing whose bytes are not those that its manifest names. */
  const disputed = new Map<string, string>();

  const list = async (signal: AbortSignal) => {
    const names = [group?.name ?? settings.defaultGroup];
    newest = await listGroups({ source, clock, names, only, before: settling, signal });
    settling = newest.settling;
    manifests.keep(new Set(newest.groups.keys()));
    return newest;
  };

  /** Null when a manifest is no longer the listed one. */
  const judgeAll = async (listing: Listing, signal: AbortSignal): Promise<readonly Judged[] | null> => {
    const judged: Judged[] = [];
    for (const one of listing.groups.values()) {
      if (!isRelevant(one, listing)) continue;
      const read = await manifests.read(one, signal);
      if (read === 'gone') return null;
      judged.push({ listing: one, read, verdict: judge(one, listing, read) });
    }
    return judged;
  };

  const isRelevant = (one: GroupListing, listing: Listing) => {
    if (group === null || one.name === group.name) return true;
    const newestInForceAt = listing.groups.get(group.name)?.newestAt ?? null;
    return hasGained(one, { inForce: group, newestInForceAt, seenAtMark });
  };

  const judge = (one: GroupListing, listing: Listing, read: ReadManifest | null) => {
    const { name, identity, files } = one;
    const settledAt = findSettledAt(listing.settling.get(name) ?? { identity, since: listing.startedAt }, {
      paths: files.map(({ path }) => path),
      pathsBefore: pathsBefore.get(name) ?? known.baselinePaths(name),
      settleMs: settings.settleMs,
      settleDeletionsMs: settings.settleDeletionsMs,
    });
    return judgeGroup({
      listing: one,
      manifest: read?.parse ?? null,
      isDisputed: disputed.get(name) === identity,
      at: listing.startedAt,
      settledAt,
      limits: settings.limits,
    });
  };

  const act = async (listing: Listing, groups: readonly Judged[], signal: AbortSignal): Promise<Outcome> => {
    const { defaultGroup } = settings;
    const choice = chooseGroup({ groups, inForce: group, seenAtMark, defaultGroup });
    const target = groups.find((one) => one.listing === choice.target?.listing) ?? null;
    const outcome = target === null ? 'over' : await take(listing, target, signal);
    if (outcome === 'over') conclude(listing, groups, target !== null, choice.settlingUntil);
    return outcome;
  };

  const take = async (listing: Listing, target: Judged, signal: AbortSignal): Promise<Outcome> => {
    const { verdict, read } = target;
    const { name, identity } = target.listing;
    if (verdict.kind !== 'complete' && verdict.kind !== 'over-limit') return 'over';
    const { manifest, issues } = verdict;
    if (taken?.group === name && taken.identity === identity) {
      taken = { ...taken, cut: withIssues(taken.cut, issues) };
      enforce(listing, target);
      return 'over';
    }
    const manifestAt = manifest === null ? null : (read?.arrivedAt ?? null);
    const fallbackAt = listing.settling.get(name)?.since ?? listing.startedAt;
    const parts = { listing: target.listing, manifest, issues, fallbackAt, sha256 };
    if (verdict.kind === 'over-limit') {
      taken = { group: name, identity, manifestAt, cut: makeOverLimitCut(parts) };
      enforce(listing, target);
      return 'over';
    }
    if (bytes?.group !== name) bytes = { group: name, known: new Map() };
    const files = await readFiles({ source, files: target.listing.files, known: bytes.known, signal });
    if (files === null) return list(signal);
    if (manifest !== null && !agreesWithBytes(manifest, files, sha256)) {
      disputed.set(name, identity);
      return listing;
    }
    const again = await list(signal);
    if (again.groups.get(name)?.identity !== identity) return again;
    taken = { group: name, identity, manifestAt, cut: makeSnapshotCut({ ...parts, files }) };
    enforce(listing, target);
    return 'over';
  };

  /** The target is, or becomes, the group in force, and was seen complete with all that it holds. */
  const enforce = (listing: Listing, { listing: { name, newestAt, files } }: Judged) => {
    const paths = files.map(({ path }) => path);
    pathsBefore.set(name, paths);
    if (bytes?.group !== name) bytes = null;
    const present = new Set(paths);
    for (const path of [...(bytes?.known.keys() ?? [])]) if (!present.has(path)) bytes?.known.delete(path);
    const markAt = Math.max(group?.markAt ?? 0, newestAt ?? 0);
    if (group?.name !== name || markAt > group.markAt) seenAtMark = listing.identities;
    group = { name, markAt };
  };

  const conclude = (
    listing: Listing,
    groups: readonly Judged[],
    hasTarget: boolean,
    settlingUntil: number | null,
  ) => {
    const inForce = groups.filter((one) => group === null || one.listing.name === group.name);
    const locks = inForce.flatMap(({ verdict }) => (verdict.kind === 'pending' ? [verdict] : []));
    lock = locks.sort((left, right) => right.lockedAt - left.lockedAt)[0] ?? null;
    const isSettling = settlingUntil !== null;
    const isSettled = hasTarget && !isSettling && lock === null;
    const stepMs = Math.max(RETRY_MS, settings.settleMs / 3);
    ends = {
      isSettling,
      settledAt: isSettled ? listing.startedAt : ends.settledAt,
      wakeAt: settlingUntil === null ? null : Math.min(settlingUntil, clock.now() + stepMs),
    };
  };

  return {
    async look(signal) {
      let listing = await list(signal);
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const judged = await judgeAll(listing, signal);
        const outcome = judged === null ? await list(signal) : await act(listing, judged, signal);
        if (outcome === 'over') {
          restlessLooks = 0;
          return;
        }
        listing = outcome;
      }
      restlessLooks += 1;
      if (restlessLooks >= MAX_RESTLESS_LOOKS) {
        throw new AgentError('SOURCE_TORN', 'objects are not as listed', {
          fields: { looks: restlessLooks },
        });
      }
      ends = { ...ends, isSettling: true, wakeAt: clock.now() + RETRY_MS };
    },

    found: () => ({
      cut: taken?.cut ?? null,
      manifestAt: taken?.manifestAt ?? null,
      group,
      groups: [...(newest?.groups.keys() ?? [])],
      pending:
        lock === null
          ? null
          : {
              id: lock.pending.id,
              by: lock.pending.by,
              at: lock.pending.at,
              isInterrupted: isInterrupted(lock.lockedAt, clock.now()),
            },
      ...ends,
    }),

    begin(inForce) {
      const isOther = only !== null && inForce.name !== only;
      if (isOther || (group !== null && group.markAt > inForce.markAt)) return;
      if (group?.name !== inForce.name) {
        if (taken?.group !== inForce.name) taken = null;
        seenAtMark = null;
      }
      group = inForce;
    },

    polled() {
      const groups = [...(newest?.groups.values() ?? [])];
      const synced = groups.filter(({ manifest }) => manifest !== null);
      synced.sort((left, right) => (right.newestAt ?? 0) - (left.newestAt ?? 0));
      const name = group?.name ?? synced[0]?.name ?? settings.defaultGroup;
      return { group: name, tag: newest?.groups.get(name)?.manifest?.tag ?? null };
    },
  };
}
