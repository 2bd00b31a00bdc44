import { sha256 } from '../../adapters/sha256.ts';
import { MAX_BASELINE_BYTES, parseBaseline } from '../../core/baseline-document.ts';
import { AgentError } from '../../core/errors.ts';
import { baselinePrefix } from '../../core/system-keys.ts';
import type { SourceFile } from '../../core/types.ts';
import type { Bucket } from '../../ports/operators.ts';

/**
 * The files that the gateway compares with: the last proven ones of the group, as it saved them. Null when there are
 * none, or when they cannot be read: then what lies in the bucket has to do, and the gateway decides anyhow.
 */
export async function readProven(options: {
  readonly bucket: Bucket;
  readonly system: string;
  readonly group: string;
  readonly signal: AbortSignal;
}): Promise<readonly SourceFile[] | null> {
  const { bucket, system, group, signal } = options;
  try {
    const key = `${baselinePrefix(system)}${group}.json`;
    const read = await bucket.read(key, { maxBytes: MAX_BASELINE_BYTES }, signal);
    if (read === null) return null;
    const parsed = parseBaseline(read.bytes, group, sha256);
    return parsed.kind === 'saved' ? (parsed.saved.proven?.files ?? null) : null;
  } catch (error) {
    const isForbidden = error instanceof AgentError && error.code === 'OPERATOR_DENIED';
    if (isForbidden) return null;
    throw error;
  }
}
