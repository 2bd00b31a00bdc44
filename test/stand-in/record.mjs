import { appendFileSync, readFileSync } from 'node:fs';

/** One JSON line for each event of any life of the stand-in engine; nothing without a file. */
export function createRecord(file) {
  let starts = 0;
  return {
    append(event) {
      if (file === undefined) return;
      appendFileSync(file, `${JSON.stringify({ ...event, pid: process.pid, at: Date.now() })}\n`);
      if (event.kind === 'start') starts = countStarts(file);
    },
    /** How many starts lie in the record, this one included. */
    countStarts: () => starts,
  };
}

function countStarts(file) {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => JSON.parse(line).kind === 'start').length;
}
