import type { SourceFile } from '../core/types.ts';
import type { ConfigSource, ListedObject } from '../ports.ts';

/** More at once gains little and makes throttling likelier. */
const PARALLEL_READS = 8;

/** Bytes of one version of one object. */
export interface KnownBytes {
  readonly tag: string;
  readonly bytes: Uint8Array;
}

/**
 * Gets the files as listed; those in `known` are not got again. Null when one is no longer that version.
 * `known` gains what was got, also when it ends with null or an error, so that a new try gets less.
 */
export async function readFiles(options: {
  readonly source: ConfigSource;
  readonly files: readonly ListedObject[];
  readonly known: Map<string, KnownBytes>;
  readonly signal: AbortSignal;
}): Promise<readonly SourceFile[] | null> {
  const { source, files, known, signal } = options;
  const missing = files.filter(({ path, tag }) => known.get(path)?.tag !== tag);
  let isGone = false;
  let failure: { readonly error: unknown } | null = null;
  const work = async () => {
    for (let file = missing.shift(); file !== undefined; file = missing.shift()) {
      try {
        const bytes = await source.read(file, signal);
        if (bytes === null) isGone = true;
        else known.set(file.path, { tag: file.tag, bytes });
      } catch (error) {
        // Thrown below, when the other reads have ended: none of them may outlive the look.
        failure ??= { error };
      }
      if (isGone || failure !== null) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, missing.length) }, work));
  throwFailure(failure);
  if (isGone) return null;
  return files.flatMap(({ path, tag }) => {
    const found = known.get(path);
    return found?.tag === tag ? [{ path, bytes: found.bytes }] : [];
  });
}

function throwFailure(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
