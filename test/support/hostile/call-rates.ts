import type { SourceCall } from './troubled-source.ts';

const MINUTE = 60_000;
/** The shortest pause after a failure, less a rounding. */
const LEAST_PAUSE_MS = 490;

/**
 * What is wrong with how often the source was asked; empty when nothing is. While it settles there is a look a second
 * of two listings, and what is written may make a look begin anew, five times. `writes`: changes in all.
 */
export function judgeRates(calls: readonly SourceCall[], writes: number): string[] {
  const wrong: string[] = [];
  const lists = calls.filter(({ place }) => place === 'list').map(({ at }) => at);
  const most = 150 + 6 * writes;
  for (let first = 0, last = 0; last < lists.length; last += 1) {
    while ((lists[last] ?? 0) - (lists[first] ?? 0) > MINUTE) first += 1;
    if (last - first + 1 > most) {
      wrong.push(`${last - first + 1} listings within a minute`);
      break;
    }
  }
  const failedAt = new Map<string, number>();
  for (const { place, at, isFailed } of calls) {
    const before = failedAt.get(place);
    // Reads of one cut run side by side.
    if (isFailed && place !== 'read' && before !== undefined && at - before < LEAST_PAUSE_MS) {
      wrong.push(`${place} failed twice within ${at - before} ms`);
    }
    if (isFailed) failedAt.set(place, at);
    else failedAt.clear();
  }
  return wrong;
}
