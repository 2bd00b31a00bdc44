import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { decodeJson } from '../core/decode.ts';
import { AgentError } from '../core/errors.ts';
import { type HistoryEntry, historyEntry } from '../core/history.ts';
import type { History } from '../ports.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';
import { readRegularFile } from './regular-file.ts';

const MAX_BYTES = 1024 * 1024;
/** Lines are short; a `why` can quote an engine. */
const MAX_LINE = 4_096;
const NEWLINE = 0x0a;

const olderOf = (path: string) => `${path}.1`;

/**
 * One JSON line for each entry, appended; at 1 MiB the file becomes the old one, of which there is one. Not fsynced:
 * what a power cut takes is told by what lies on disk. A last line that was cut off stays, on a line of its own.
 */
export function createHistoryFile(options: {
  readonly path: string;
  readonly maxBytes?: number;
  readonly operations?: FileOperations;
}): History {
  const { path, maxBytes = MAX_BYTES } = options;
  const operations = options.operations ?? fileOperations;
  let isWhole = false;

  async function endTornLine(sizeBytes: number): Promise<string> {
    if (isWhole || sizeBytes === 0) return '';
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
      return bytesRead === 1 && buffer[0] !== NEWLINE ? '\n' : '';
    } finally {
      await file.close();
    }
  }

  async function append(entry: HistoryEntry): Promise<void> {
    const line = `${JSON.stringify(shorten(entry))}\n`;
    const stat = await lstat(path).catch(() => null);
    let sizeBytes = stat?.isFile() === true ? stat.size : 0;
    const isFull = sizeBytes > 0 && sizeBytes + line.length > maxBytes;
    if (isFull || (stat !== null && !stat.isFile())) {
      await operations.rename(path, olderOf(path));
      sizeBytes = 0;
    }
    const start = await endTornLine(sizeBytes);
    isWhole = false;
    await operations.append(path, Buffer.from(`${start}${line}`), 0o640);
    isWhole = true;
  }

  return {
    async append(entry) {
      try {
        await append(entry);
      } catch (error) {
        const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
        throw new AgentError('HISTORY_FAILED', 'cannot write the history', {
          fields: { path, errno },
          cause: error,
        });
      }
    },
  };
}

/** The newest `limit` entries, oldest first. Lines that are no entries are left out; rejects with Node's errors. */
export async function readHistory(path: string, limit: number): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (const file of [path, olderOf(path)]) {
    if (entries.length >= limit) break;
    const bytes = await readRegularFile(file, 2 * MAX_BYTES);
    const lines = bytes === null ? [] : Buffer.from(bytes).toString('utf8').split('\n');
    const read = lines.flatMap((line) => {
      const decoded = decodeJson(historyEntry, line);
      return decoded.isValid ? [decoded.value] : [];
    });
    entries.unshift(...read);
  }
  return entries.slice(Math.max(0, entries.length - limit));
}

function shorten(entry: HistoryEntry): HistoryEntry {
  return entry.why.length <= MAX_LINE ? entry : { ...entry, why: `${entry.why.slice(0, MAX_LINE)}…` };
}
