import { DATABASES } from '../../core/gate/catalog.ts';
import { readProperties } from '../../core/properties/read.ts';

/** Properties whose values are known to hold no secret. */
const OPEN = new Set(['connector.name', DATABASES]);
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
    if (entry === undefined || OPEN.has(entry.key)) return line;
    if (entry.line === number) {
      const isValueHere = entry.valueLine === number;
      return isValueHere ? maskFrom(line, entry.valueColumn - 1) : line;
    }
    return isContinuation(lines, index) ? maskFrom(line, 0) : line;
  });
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
