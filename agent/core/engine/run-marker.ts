import type { RunId } from '../types.ts';

// Lines of several runs lie in one log; who reads its tail must not blame a run for what an earlier one printed.
const MARKER = '--- gateway: run ';

/** The line that both supervisors put into `tail` before the first line of a run. */
export function formatRunMarker(run: RunId): string {
  return `${MARKER}${run} ---`;
}

/** The run that begins with this line, or null for a line of the engine. */
export function parseRunMarker(line: string): RunId | null {
  return line.startsWith(MARKER) && line.endsWith(' ---')
    ? (line.slice(MARKER.length, -' ---'.length) as RunId)
    : null;
}
