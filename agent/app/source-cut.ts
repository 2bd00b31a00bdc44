import type { Issue } from '../core/issue.ts';
import { type FinalManifest, type Sha256, snapshotId } from '../core/manifest.ts';
import type { GroupListing } from '../core/source/listing.ts';
import type { Origin, SnapshotId, SourceFile } from '../core/types.ts';
import type { Cut } from './source-types.ts';

interface CutParts {
  readonly listing: GroupListing;
  /** The one that agrees; null where the group was complete by having settled. */
  readonly manifest: FinalManifest | null;
  readonly issues: readonly Issue[];
  /** Where nothing says when: an empty group has no time stamps. */
  readonly fallbackAt: number;
  readonly sha256: Sha256;
}

/** The cut of a complete group whose files were read. */
export function makeSnapshotCut(parts: CutParts & { readonly files: readonly SourceFile[] }): Cut {
  const { listing, manifest, files, issues, sha256 } = parts;
  return {
    kind: 'snapshot',
    snapshot: {
      id: snapshotId(files, sha256),
      group: listing.name,
      files,
      origin: findOrigin(parts),
      allow: manifest?.allow ?? [],
    },
    issues,
  };
}

/** The cut of a group that is over a limit: nothing of it was read, so its name is made from the listing. */
export function makeOverLimitCut(parts: CutParts): Cut {
  const { listing, issues, sha256 } = parts;
  const lines = listing.files.map(({ path, tag, size }) => `${path}\0${tag}\0${size}\n`);
  const id = sha256(new TextEncoder().encode(lines.join(''))) as SnapshotId;
  return { kind: 'over-limit', id, group: listing.name, origin: findOrigin(parts), issues };
}

/** The same cut with other warnings; the very same object when they are equal, so that nobody gates it again. */
export function withIssues(cut: Cut, issues: readonly Issue[]): Cut {
  return JSON.stringify(cut.issues) === JSON.stringify(issues) ? cut : { ...cut, issues };
}

function findOrigin({ listing, manifest, fallbackAt }: CutParts): Origin {
  return manifest === null
    ? { at: listing.newestAt ?? fallbackAt, by: 'unknown' }
    : { at: manifest.at, by: manifest.by };
}
