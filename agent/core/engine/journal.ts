import type { RunId } from '../types.ts';
import { formatRunMarker } from './run-marker.ts';

const textOf = (message: unknown): string | null => {
  if (typeof message === 'string') return message;
  // journald gives what is no UTF-8 as a list of bytes.
  if (!Array.isArray(message)) return null;
  return new TextDecoder().decode(Uint8Array.from(message.filter((byte) => typeof byte === 'number')));
};

/** Lines of `journalctl -o json` as the engine printed them, with a mark before the first line of each run. */
export function readJournal(text: string): readonly string[] {
  const lines: string[] = [];
  let run: RunId | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    let entry: { MESSAGE?: unknown; _SYSTEMD_INVOCATION_ID?: unknown };
    try {
      entry = JSON.parse(line) as typeof entry;
    } catch {
      // A cut line at the edge of the output tells nothing.
      continue;
    }
    const message = textOf(entry.MESSAGE);
    const begun = entry._SYSTEMD_INVOCATION_ID;
    if (typeof begun === 'string' && begun !== run) {
      lines.push(formatRunMarker({ run: begun as RunId, previous: run }));
      run = begun as RunId;
    }
    if (message !== null) lines.push(...message.split('\n'));
  }
  return lines;
}
