import type { RunId } from '../types.ts';

// Lines of several runs lie in one log; who reads its tail must not blame a run for what an earlier one printed.
const MARKER = /^--- gateway: run (\S+) begins(?:, after (\S+))? ---$/;

export interface RunMarker {
  readonly run: RunId;
  /** The run whose lines stand before; null when it is unknown. */
  readonly previous: RunId | null;
}

/** The line that both supervisors put into `tail` before the first line of a run. */
export function formatRunMarker({ run, previous }: RunMarker): string {
  return `--- gateway: run ${run} begins${previous === null ? '' : `, after ${previous}`} ---`;
}

/** What such a line says, or null for a line of the engine. */
export function parseRunMarker(line: string): RunMarker | null {
  const [, run, previous] = MARKER.exec(line) ?? [];
  return run === undefined ? null : { run: run as RunId, previous: (previous ?? null) as RunId | null };
}
