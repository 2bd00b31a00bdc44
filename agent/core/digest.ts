import type { RenderingInputs } from './release.ts';
import type { Digest, ReleaseFacts, SnapshotId, SourceFile } from './types.ts';

/** sha256 in lower-case hex, of bytes or of a string's UTF-8. Passed in, since `core/` imports nothing. */
export type Sha256 = (content: Uint8Array | string) => string;

/** Compares by UTF-16 code units, so that no locale changes an order that a digest depends on. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The files in path order. */
export function sortFiles(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.toSorted((a, b) => compareText(a.path, b.path));
}

/** sha256 over the sorted `path NUL sha256 LF` lines of the files. */
export function digestFiles(files: readonly SourceFile[], sha256: Sha256): string {
  return digestLines(
    files.map((file) => [file.path, sha256(file.bytes)] as const),
    sha256,
  );
}

/** The name of a snapshot with these files. */
export function snapshotIdOf(files: readonly SourceFile[], sha256: Sha256): SnapshotId {
  return digestFiles(files, sha256) as SnapshotId;
}

/** Everything that a release's name is made from. */
export interface DigestedRelease {
  readonly facts: Omit<ReleaseFacts, 'digest' | 'origin'>;
  readonly inputs: RenderingInputs;
  readonly kept: readonly string[];
  readonly source: readonly SourceFile[];
  readonly etc: readonly SourceFile[];
}

/**
 * The name of a release: a digest over all that is laid out for it. Who asked for it and when (`origin`) are
 * left out, so that the same configuration synced again is the same release.
 */
export function releaseDigest(release: DigestedRelease, sha256: Sha256): Digest {
  const { snapshot, group, fingerprint, catalogs } = release.facts;
  const described = { snapshot, group, fingerprint, catalogs, inputs: release.inputs, kept: release.kept };
  const lines = [
    ['release.json', sha256(canonicalJson(described))] as const,
    ...release.source.map((file) => [`source/${file.path}`, sha256(file.bytes)] as const),
    ...release.etc.map((file) => [`etc/${file.path}`, sha256(file.bytes)] as const),
  ];
  return digestLines(lines, sha256) as Digest;
}

/** JSON with the keys of every object in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compareText(a, b)))
      : part,
  );
}

function digestLines(lines: readonly (readonly [path: string, hash: string])[], sha256: Sha256): string {
  const sorted = lines.toSorted(([a], [b]) => compareText(a, b));
  return sha256(sorted.map(([path, hash]) => `${path}\0${hash}\n`).join(''));
}
