/**
 * Settling: without an agreeing manifest a group counts as complete when its listing stayed the same for a while.
 * Stability is not completeness, but it is all that a source without manifests offers.
 */
export interface Settling {
  readonly identity: string;
  /** End of the first listing that showed this identity. */
  readonly since: number;
}

/** Takes note of one more listing of the group. A clock that went back begins the wait anew. */
export function noteListing(
  before: Settling | null,
  listing: { readonly identity: string; readonly startedAt: number; readonly endedAt: number },
): Settling {
  const isSame = before?.identity === listing.identity && before.since <= listing.endedAt;
  return isSame ? before : { identity: listing.identity, since: listing.endedAt };
}

/**
 * When the wait is over: a listing that starts then, or later, and still shows the same, is taken. Losing a path
 * that was there takes longer, since other tools upload first and delete later.
 */
export function findSettledAt(
  settling: Settling,
  options: {
    readonly paths: readonly string[];
    readonly pathsBefore: readonly string[];
    readonly settleMs: number;
    readonly settleDeletionsMs: number;
  },
): number {
  const present = new Set(options.paths);
  const hasLost = options.pathsBefore.some((path) => !present.has(path));
  return (
    settling.since + (hasLost ? Math.max(options.settleMs, options.settleDeletionsMs) : options.settleMs)
  );
}
