import { releaseDigest, type Sha256, snapshotIdOf, sortFiles } from './digest.ts';
import { managedKindOf } from './managed-path.ts';
import type { Release } from './release.ts';
import type { SourceFile } from './types.ts';

/**
 * The metaschemas of `desired` on the catalogs and engine files of `proven`: what goes live while the desired
 * fingerprint is quarantined, without a restart, since the fingerprint is that of `proven`. It is a snapshot of
 * its own: who waits for the desired one must not take this for it. Releases of two groups do not mix; then
 * `proven` is all there is.
 */
export function composeRelease(options: {
  readonly desired: Release;
  readonly proven: Release;
  readonly sha256: Sha256;
}): Release {
  const { desired, proven, sha256 } = options;
  if (desired.facts.group !== proven.facts.group) return proven;

  const source = combine(desired.source, proven.source);
  const etc = combine(desired.etc, proven.etc);
  const kept = [
    ...desired.kept.filter(isMetaschema),
    ...proven.kept.filter((path) => !isMetaschema(path)),
  ].toSorted();
  const { group, fingerprint, catalogs } = proven.facts;
  const facts = { snapshot: snapshotIdOf(source, sha256), group, fingerprint, catalogs };
  const unnamed = { inputs: proven.inputs, kept, source, etc };
  const digest = releaseDigest({ ...unnamed, facts }, sha256);
  return { ...unnamed, facts: { ...facts, digest, origin: desired.facts.origin } };
}

function combine(desired: readonly SourceFile[], proven: readonly SourceFile[]): readonly SourceFile[] {
  return sortFiles([
    ...desired.filter((file) => isMetaschema(file.path)),
    ...proven.filter((file) => !isMetaschema(file.path)),
  ]);
}

function isMetaschema(path: string): boolean {
  return managedKindOf(path) === 'metaschema';
}
