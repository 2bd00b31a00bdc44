/**
 * The group in force is sticky: it moves only to a complete snapshot of a group that gained an object newer than
 * everything seen before. Deletions and emptiness never move it.
 */
import { type GroupListing, identify } from './listing.ts';
import type { Verdict } from './verdict.ts';

export interface JudgedGroup<Listing extends GroupListing = GroupListing> {
  readonly listing: Listing;
  readonly verdict: Verdict;
}

/** The high-water mark: the newest time stamp seen when the group in force was last found complete. */
export interface GroupInForce {
  readonly name: string;
  readonly markAt: number;
}

export interface GroupChoice<Listing extends GroupListing = GroupListing> {
  /** The group to take now; null when there is nothing to take yet. */
  readonly target: JudgedGroup<Listing> | null;
  /** When the earliest group that could become the target will have settled; null when none is settling. */
  readonly settlingUntil: number | null;
}

/**
 * Chooses the group to take from. `seenAtMark` are the identities of all objects that were listed when the mark
 * was set, or null when that was in an earlier life: time stamps of S3 have whole seconds, so an object as old as
 * the mark counts as newer when it was not there.
 */
export function chooseGroup<Listing extends GroupListing>(options: {
  readonly groups: readonly JudgedGroup<Listing>[];
  readonly inForce: GroupInForce | null;
  readonly seenAtMark: ReadonlySet<string> | null;
  readonly defaultGroup: string;
}): GroupChoice<Listing> {
  const { groups, inForce } = options;
  return inForce === null ? chooseFirst(groups, options.defaultGroup) : choose(groups, inForce, options);
}

/** Whether a group has something newer than the mark and than the group in force. */
export function hasGained(
  listing: GroupListing,
  options: {
    readonly inForce: GroupInForce;
    readonly newestInForceAt: number | null;
    readonly seenAtMark: ReadonlySet<string> | null;
  },
): boolean {
  const { inForce, newestInForceAt, seenAtMark } = options;
  const thresholdAt = Math.max(inForce.markAt, newestInForceAt ?? inForce.markAt);
  if (listing.newestAt === null || listing.newestAt < thresholdAt) return false;
  if (listing.newestAt > thresholdAt) return true;
  if (seenAtMark === null || thresholdAt > inForce.markAt) return false;
  const counted = listing.manifest === null ? listing.files : [...listing.files, listing.manifest];
  return counted.some(
    (object) => object.modifiedAt === thresholdAt && !seenAtMark.has(identifyInGroup(listing.name, object)),
  );
}

/** One version of one object of one group. */
export function identifyInGroup(group: string, object: Parameters<typeof identify>[0]): string {
  return `${group}\0${identify(object)}`;
}

function choose<Listing extends GroupListing>(
  groups: readonly JudgedGroup<Listing>[],
  inForce: GroupInForce,
  { seenAtMark }: { readonly seenAtMark: ReadonlySet<string> | null },
): GroupChoice<Listing> {
  const present = groups.find(({ listing }) => listing.name === inForce.name) ?? null;
  const newestInForceAt = present?.listing.newestAt ?? null;
  const gained = groups.filter(
    ({ listing }) =>
      listing.name !== inForce.name && hasGained(listing, { inForce, newestInForceAt, seenAtMark }),
  );
  const mover = findNewest(gained.filter(isTakable));
  const stays = present !== null && isTaken(present) ? present : null;
  return {
    target: mover ?? stays,
    settlingUntil: findSettlingUntil(present === null ? gained : [present, ...gained]),
  };
}

function chooseFirst<Listing extends GroupListing>(
  groups: readonly JudgedGroup<Listing>[],
  defaultGroup: string,
): GroupChoice<Listing> {
  const filled = groups.filter(({ listing }) => listing.newestAt !== null);
  const settlingUntil = findSettlingUntil(groups);
  const best =
    findNewest(filled.filter(isTakable)) ??
    findNewest(filled.filter(({ verdict }) => verdict.kind === 'over-limit'));
  if (best !== null) return { target: best, settlingUntil };
  const isAnyAhead = filled.some(({ verdict }) => verdict.kind === 'settling' || verdict.kind === 'pending');
  const fallback = groups.find((group) => group.listing.name === defaultGroup && isTaken(group)) ?? null;
  return { target: isAnyAhead ? null : fallback, settlingUntil };
}

const isTakable = ({ listing, verdict }: JudgedGroup) =>
  verdict.kind === 'complete' && listing.files.length > 0;

const isTaken = ({ verdict }: JudgedGroup) => verdict.kind === 'complete' || verdict.kind === 'over-limit';

/** Ties go to the name that sorts first, so that the choice does not depend on the order of the listing. */
function findNewest<Group extends JudgedGroup>(groups: readonly Group[]): Group | null {
  const age = ({ listing }: Group) => listing.newestAt ?? Number.NEGATIVE_INFINITY;
  const sorted = [...groups].sort(
    (left, right) => age(right) - age(left) || (left.listing.name < right.listing.name ? -1 : 1),
  );
  return sorted[0] ?? null;
}

function findSettlingUntil(groups: readonly JudgedGroup[]): number | null {
  const ends = groups.flatMap(({ verdict }) => (verdict.kind === 'settling' ? [verdict.until] : []));
  return ends.length === 0 ? null : Math.min(...ends);
}
