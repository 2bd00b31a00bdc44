/** The copies of the status document that the gateways of a system keep in S3. */
import type { Status } from '../core/status.ts';
import { statusPrefix } from '../core/system-keys.ts';
import type { Bucket } from '../ports/operators.ts';
import { CliError } from './cli-error.ts';
import { parseStatus } from './status-file.ts';

export interface StatusCopy {
  /** Instance id or host name. */
  readonly name: string;
  readonly text: string;
  readonly status: Status;
  readonly tag: string;
  /** When it was put, by the clock of S3. */
  readonly putAt: number;
}

const MAX_STATUS_BYTES = 4 * 1024 * 1024;

/** The newest copy, and the names of older ones. Null when no gateway has written any. */
export async function readNewestStatus(
  bucket: Bucket,
  system: string,
  signal: AbortSignal,
  known: StatusCopy | null = null,
): Promise<{
  readonly copy: StatusCopy;
  readonly others: readonly { name: string; putAt: number }[];
} | null> {
  const prefix = statusPrefix(system);
  const listed = (await bucket.list(prefix, signal))
    .filter(({ key }) => key.endsWith('.json') && !key.slice(prefix.length).includes('/'))
    .sort((a, b) => b.modifiedAt - a.modifiedAt);
  const nameOf = (key: string) => key.slice(prefix.length, -'.json'.length);
  for (const [index, { key, tag, modifiedAt }] of listed.entries()) {
    const others = listed
      .filter((_, at) => at !== index)
      .map((one) => ({ name: nameOf(one.key), putAt: one.modifiedAt }));
    if (known !== null && known.name === nameOf(key) && known.tag === tag) return { copy: known, others };
    const read = await bucket.read(key, { maxBytes: MAX_STATUS_BYTES }, signal);
    // Gone since it was listed: whoever cleans up takes an old one.
    if (read === null) continue;
    const text = new TextDecoder().decode(read.bytes);
    const status = parseStatus(text, `s3://${bucket.name}/${key}`);
    const copy = { name: nameOf(key), text, status, tag: read.tag, putAt: read.modifiedAt || modifiedAt };
    return { copy, others };
  }
  return null;
}

/** Says where a status comes from when there is none. */
export function noStatus(system: string): CliError {
  return new CliError(
    69,
    `no gateway of "${system}" has ever put a status into the bucket`,
    `Start one with \`gatewayctl gateway enable ${system}\`, or let its role put objects below ${statusPrefix(system)}.`,
  );
}
