import type { Issue } from '../issue.ts';
import {
  agreesWithListing,
  type FinalManifest,
  type ManifestParse,
  type PendingManifest,
} from '../manifest.ts';
import { sourceIssue } from './issues.ts';
import { checkLimits, type SourceLimits } from './limits.ts';
import type { GroupListing } from './listing.ts';
import { MANIFEST_PATH } from './path.ts';

/** Whether a group can be taken now. */
export type Verdict =
  /** A sync is under way: nothing is taken. */
  | { readonly kind: 'pending'; readonly pending: PendingManifest; readonly lockedAt: number }
  /** A listing that starts at `until` and shows the same makes it complete. */
  | { readonly kind: 'settling'; readonly until: number }
  | {
      readonly kind: 'over-limit';
      readonly manifest: FinalManifest | null;
      readonly issues: readonly Issue[];
    }
  /** `manifest` is the one that agrees with the listing; null when the group is complete by having settled. */
  | { readonly kind: 'complete'; readonly manifest: FinalManifest | null; readonly issues: readonly Issue[] };

/** Judges one group by one listing. */
export function judgeGroup(options: {
  readonly listing: GroupListing;
  /** Of exactly the listed manifest; null when none is listed. */
  readonly manifest: ManifestParse | null;
  /** The bytes of this very listing were got, and are not those that the manifest names. */
  readonly isDisputed: boolean;
  /** Start of the listing. */
  readonly at: number;
  readonly settledAt: number;
  readonly limits: SourceLimits;
}): Verdict {
  const { listing, manifest, isDisputed, at, settledAt, limits } = options;
  if (manifest?.kind === 'pending') {
    // By the source's clock where there is one: the clock of whoever syncs may be wrong by hours.
    return { kind: 'pending', pending: manifest, lockedAt: listing.manifest?.modifiedAt ?? manifest.at };
  }
  const isAgreeing = manifest?.kind === 'final' && !isDisputed && agreesWithListing(manifest, listing.files);
  if (!isAgreeing && at < settledAt) return { kind: 'settling', until: settledAt };
  const agreeing = isAgreeing ? manifest : null;
  const warnings = [...listing.issues, ...warnOfManifest(manifest, isAgreeing)];
  const errors = checkLimits(listing.files, limits);
  return errors.length > 0
    ? { kind: 'over-limit', manifest: agreeing, issues: [...errors, ...warnings] }
    : { kind: 'complete', manifest: agreeing, issues: warnings };
}

function warnOfManifest(manifest: ManifestParse | null, isAgreeing: boolean): readonly Issue[] {
  if (manifest === null || isAgreeing) return [];
  const isMalformed = manifest.kind === 'malformed';
  return [
    sourceIssue({
      code: isMalformed ? 'SOURCE_MANIFEST_MALFORMED' : 'SOURCE_MANIFEST_DISAGREES',
      severity: 'warning',
      path: MANIFEST_PATH,
      message: isMalformed ? manifest.reason : 'names other files or other content than lie beside it',
      hint: 'Another tool wrote after the last sync; `gatewayctl analytics sync` writes a new manifest.',
    }),
  ];
}
