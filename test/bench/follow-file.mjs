import { mkdirSync, readFileSync, watch } from 'node:fs';
import path from 'node:path';

/** Calls `onText` with the file's text whenever it may have changed. Returns what ends it. */
export function followFile(file, onText) {
  const read = () => {
    try {
      onText(readFileSync(file, 'utf8'));
    } catch {
      // Not there yet, or away for a moment between two renames of a publish; the next event comes.
    }
  };
  mkdirSync(path.dirname(file), { recursive: true });
  const watcher = watch(path.dirname(file), read);
  return () => watcher.close();
}
