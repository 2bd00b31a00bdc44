// `make run | less`, and less is left: nobody sees the agent any more, so it has to end. Node notices only when it writes,
// and an agent that is at rest prints nothing; tail watches its output.

import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/** Calls `stop`, perhaps more than once, when nobody reads stdout any more. Returns what ends the watch. */
export function onReaderGone(stop) {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
      stop();
    });
  }
  const watch = fstatSync(1).isFIFO() ? startTail() : null;
  // Without tail the next line that is printed tells.
  watch?.once('error', () => watch.removeListener('exit', stop));
  watch?.once('exit', stop);
  return () => {
    watch?.removeListener('exit', stop);
    watch?.kill();
  };
}

/** In a group of its own: Ctrl-C does not end it. */
const startTail = () =>
  spawn('tail', ['-f', '/dev/null'], { stdio: ['ignore', 'inherit', 'ignore'], detached: true });
