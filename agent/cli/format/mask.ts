import { CLIENT_CONFIG, CONNECTOR, DATABASES } from '../../core/gate/catalog.ts';
import { type PropertyEntry, readProperties } from '../../core/properties/read.ts';

/** Properties whose values are known to hold no secret. */
const OPEN = new Set([CONNECTOR, DATABASES]);
const PROPERTY_KEY = /^[a-z][\w.-]*$/i;
const PLAIN_WORD = /^[a-z][a-z.-]*$/i;
const MASK = '*';

/**
 * The lines of a catalog as they may stand in the log of a pipeline: of every property that could hold a secret
 * only the key is shown. The mask has the length of what it hides, so that columns stay true.
 */
export function maskCatalogLines(bytes: Uint8Array, lines: readonly string[]): readonly string[] {
  const entries = readProperties(bytes).entries.toSorted((a, b) => a.line - b.line);
  return lines.map((line, index) => {
    const number = index + 1;
    const entry = entries.findLast((candidate) => candidate.line <= number);
    if (entry === undefined || isOpen(entry)) return line;
    if (entry.line === number) {
      const shown = showableLength(entry);
      if (shown !== null) return maskFrom(line, entry.column - 1 + shown);
      const isValueHere = entry.valueLine === number;
      return isValueHere ? maskFrom(line, entry.valueColumn - 1) : line;
    }
    return isContinuation(lines, index) ? maskFrom(line, 0) : line;
  });
}

/** A list of databases, also one whose `=` is missing; but no client map that slipped into it. */
function isOpen({ key, value }: PropertyEntry): boolean {
  return OPEN.has(key) ? !/[{}]/.test(value) : key.startsWith(DATABASES) && !/[{}]/.test(key + value);
}

/** How much of an odd key may be seen: it can be a torn line of a client map. Null: it is none, all may. */
function showableLength({ key, separator }: PropertyEntry): number | null {
  if (separator !== null && separator !== ' ' && PROPERTY_KEY.test(key)) return null;
  if (separator === ' ' && PLAIN_WORD.test(key)) return null;
  return [CONNECTOR, DATABASES, CLIENT_CONFIG].find((known) => key.startsWith(known))?.length ?? 0;
}

/** Commas, braces and blanks stay: they show where in a client map the place is. */
function maskFrom(line: string, start: number): string {
  return line.slice(0, start) + line.slice(start).replace(/[^\s{},]/g, MASK);
}

/** The line before ends in an odd number of backslashes. */
function isContinuation(lines: readonly string[], index: number): boolean {
  const [slashes = ''] = /\\*$/.exec(lines[index - 1] ?? '') ?? [];
  return slashes.length % 2 === 1;
}
