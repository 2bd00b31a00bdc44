import { byPath, type FinalManifest, type Sha256 } from '../../agent/core/manifest.ts';
import type { HoldKind, SourceFile } from '../../agent/core/types.ts';

/** The final manifest of these files. */
export function makeManifest(options: {
  readonly files: readonly SourceFile[];
  readonly sha256: Sha256;
  readonly by: string;
  readonly at: number;
  readonly allow: readonly HoldKind[];
}): FinalManifest {
  const { files, sha256, by, at, allow } = options;
  return {
    kind: 'final',
    files: files.map(({ path, bytes }) => ({ path, size: bytes.length, sha256: sha256(bytes) })).sort(byPath),
    by,
    at,
    allow,
  };
}
