import { parseInstant } from '../core/instant.ts';
import type { Status } from '../core/status.ts';
import { CliError } from './cli-error.ts';
import { printable, printDuration } from './print.ts';

export interface StatusRead {
  readonly text: string;
  readonly status: Status;
  /** One sentence when the document is older than a living agent would leave it; null when it is fresh. */
  readonly staleness: string | null;
}

/** The agent writes after each cycle, and no cycle is further from the next than a listing. */
const MIN_STALE_MS = 60_000;

/** Reads the status document. Throws CliError 69 when it is not there or is none, 77 when it may not be read. */
export function readStatus(options: {
  readonly path: string;
  readonly readText: (path: string) => string;
  readonly now: number;
  readonly listIntervalMs: number;
}): StatusRead {
  const { path, readText, now, listIntervalMs } = options;
  const text = readOrExplain(path, readText);
  const status = parseStatus(text, path);
  const writtenAt = parseInstant(status.at) ?? 0;
  const isStale = now - writtenAt > Math.max(MIN_STALE_MS, 3 * listIntervalMs);
  const staleness = isStale
    ? `written ${printDuration(now - writtenAt)} ago: the agent (pid ${status.agent.pid}) does not run or hangs`
    : null;
  return { text, status, staleness };
}

function readOrExplain(path: string, readText: (path: string) => string): string {
  try {
    return readText(path);
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? error.code : null;
    if (errno === 'EACCES') {
      throw new CliError(77, `may not read ${path}`, 'Run this as root or as the user of the agent.', error);
    }
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') throw error;
    const advice = 'The agent does not run here, or writes elsewhere (setting paths.run).';
    throw new CliError(69, `there is no status at ${path}`, advice, error);
  }
}

/** Throws CliError 69 when it is no status document. */
export function parseStatus(text: string, path: string): Status {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below, together with JSON of another kind.
  }
  if (typeof value === 'object' && value !== null && 'version' in value && value.version === 1) {
    if ('at' in value && 'analytics' in value && 'source' in value) return value as unknown as Status;
  }
  const advice = 'Use the gatewayctl that came with the agent.';
  throw new CliError(69, `${printable(path)} is no status document of version 1`, advice);
}
