import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentError } from '../core/errors.ts';
import { createChildLog } from './child-log.ts';
import { runCommand } from './run-command.ts';

const LOOK_EVERY_MS = 200;
const MAX_CHUNK_BYTES = 1024 * 1024;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What the engine printed, for people who look at it from outside the agent. Rejects with SUPERVISOR_FAILED. */
export interface EngineLog {
  /** The newest lines, oldest first. */
  tail(lines: number): Promise<readonly string[]>;
  /** Calls `onLine` with each line that comes, after the newest `lines`, until the signal aborts. */
  follow(lines: number, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
}

/** Of a child: the file that it prints to. */
export function createChildEngineLog(file: string): EngineLog {
  const log = createChildLog({ file, maxBytes: Number.POSITIVE_INFINITY });
  return {
    tail: (lines) => translate({ file }, () => log.tail(lines)),
    follow: (lines, onLine, signal) =>
      translate({ file }, async () => {
        // What comes between the two is shown twice rather than not at all.
        let place = await readOn(file, { inode: null, offset: null, rest: Buffer.alloc(0) }, onLine);
        for (const line of await log.tail(lines)) onLine(line);
        while (!signal.aborted) {
          place = await readOn(file, place, onLine);
          await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
      }),
  };
}

/** Of a unit: its journal. */
export function createJournalEngineLog(unit: string): EngineLog {
  const argumentsFor = (lines: number) => ['--unit', unit, '--lines', String(lines), '--output', 'cat'];
  return {
    tail: (lines) =>
      translate({ unit }, async () => {
        const argv = [...argumentsFor(lines), '--no-pager', '--quiet'];
        const { stdout } = await runCommand('journalctl', argv, { maxBytes: MAX_OUTPUT_BYTES });
        return stdout.split('\n').slice(0, -1);
      }),
    follow: (lines, onLine, signal) =>
      translate({ unit }, async () => {
        const argv = [...argumentsFor(lines), '--follow', '--quiet'];
        const journal = spawn('journalctl', argv, { signal, stdio: ['ignore', 'pipe', 'inherit'] });
        const failure = new Promise<void>((_, reject) => {
          journal.once('error', (error) => (signal.aborted ? undefined : reject(error)));
        });
        const reading = (async () => {
          for await (const line of createInterface({ input: journal.stdout })) onLine(line);
        })();
        await Promise.race([reading, failure]);
      }),
  };
}

interface Place {
  readonly inode: bigint | null;
  /** null: from the end. */
  readonly offset: number | null;
  /** The beginning of a line whose end has not come. */
  readonly rest: Buffer;
}

async function readOn(file: string, place: Place, onLine: (line: string) => void): Promise<Place> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  // Between two runs the full file was set aside, and the next run has not begun a new one.
  if (handle === null) return { inode: null, offset: 0, rest: Buffer.alloc(0) };
  try {
    const { ino, size } = await handle.stat({ bigint: true });
    if (place.offset === null) return { inode: ino, offset: Number(size), rest: place.rest };
    const isSame = place.inode === ino && place.offset <= Number(size);
    const offset = isSame ? place.offset : 0;
    const length = Math.min(MAX_CHUNK_BYTES, Number(size) - offset);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    const bytes = Buffer.concat([isSame ? place.rest : Buffer.alloc(0), buffer.subarray(0, bytesRead)]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    for (const line of bytes.toString('utf8', 0, end).split('\n').slice(0, -1)) onLine(line);
    return { inode: ino, offset: offset + bytesRead, rest: bytes.subarray(end) };
  } finally {
    await handle.close();
  }
}

async function translate<T>(fields: Record<string, string>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('SUPERVISOR_FAILED', 'cannot read the log of the analytics process', {
      fields: { ...fields, errno },
      cause: error,
    });
  }
}
