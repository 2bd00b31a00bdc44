import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The stand-in engine: no analytics process, but the same HTTP surface. */
export const STAND_IN_COMMAND = [process.execPath, path.resolve('test/stand-in/engine.mjs')];

/** A line of the stand-in's record. `kind` is `start`, `exit`, …; a start carries what it read. */
export interface EngineLine {
  readonly kind: string;
  readonly pid: number;
  readonly [field: string]: unknown;
}

/** All lines that any life of the stand-in has recorded, oldest first. */
export function readRecord(file: string): EngineLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // The last piece is empty, or a line that is being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as EngineLine);
}

/**
 * Kills what a killed agent left behind. A pid alone may belong to somebody else by now: only a process whose
 * environment names this rig's own directory is ended.
 */
export function endLeftovers(pids: readonly number[], root: string): void {
  for (const pid of new Set(pids)) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      if (environment.includes(root)) process.kill(pid, 'SIGKILL');
    } catch {
      // It is gone, or it is not ours to look at.
    }
  }
}
