/** Leaks on purpose, to show that the soak sees them. They are in this program alone; SOAK_LEAK names one, or all. */
import { openSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const kept: object[] = [];

/** Called for each cycle; each leaks a little. */
const LEAKS: Readonly<Record<string, (cycle: number, state: string) => void>> = {
  // As much as an answer of S3 that somebody kept.
  heap: (cycle) => {
    kept.push(Array.from({ length: 500 }, (_, at) => cycle / (at + 1)));
  },
  descriptor: (cycle) => {
    if (cycle % 100 === 0) openSync('/dev/null', 'r');
  },
  timer: (cycle) => {
    if (cycle % 100 === 0) setTimeout(() => undefined, 2 ** 30);
  },
  file: (cycle, state) => {
    if (cycle % 100 === 0) writeFileSync(path.join(state, `left-${cycle}`), '');
  },
};

/** Returns what is told the number of cycles so far. */
export function startLeak(name: string, state: string): (cycles: number) => void {
  const chosen = Object.entries(LEAKS).filter(([each]) => name === each || name === 'all');
  if (name !== '' && chosen.length === 0)
    throw new Error(`no leak ${name}: ${Object.keys(LEAKS).join(', ')}`);
  let leaked = 0;
  return (cycles) => {
    for (; leaked < cycles; leaked += 1) for (const [, leak] of chosen) leak(leaked, state);
  };
}
