import type { RunId } from '../types.ts';
import { parseRunMarker } from './run-marker.ts';

export interface RefusedCatalog {
  readonly run: RunId;
  /** Name of the catalog; several joined by comma where the engine loaded them at once and names none. */
  readonly catalog: string;
  /** The engine's own words, one line. */
  readonly message: string;
}

// Recorded from PrestoSQL 350, which loads one catalog after the other and prints its file, and from Trino 476,
// which loads them side by side and prints its name:
//   INFO  main  io.prestosql.metadata.StaticCatalogStore  -- Loading catalog /run/…/catalog/x.properties --
//   INFO  main  io.prestosql.metadata.StaticCatalogStore  -- Added catalog x using connector tpch --
//   ERROR main  io.prestosql.server.Server                Configuration errors:
//   1) Error: Configuration property 'y' was not used
const LOADING = /-- Loading catalog (.+?) --$/;
const ADDED = /-- Added catalog (\S+) using connector/;
const STARTED = '======== SERVER STARTED ========';
const FAILED = /\bERROR\s+main\s+\S+\.server\.(?:Server|PrestoServer|TrinoServer)\s+(.*)$/;
const NUMBERED = /^\s*\d+\) (?:Error: )?(.+)$/;
const CATALOG_FILE = /([^/\s]+)\.properties\b/;
const NAMELESS = /Catalog configuration \S+ does not contain connector\.name/;
/** How many lines after the error are looked at for a reason better than its heading. */
const REASON_LINES = 40;

/**
 * The catalog that the engine refused in the newest run of which `lines` (oldest first) tell, or null. `run` is
 * the one to blame where the lines name none. A failure before any catalog was loaded blames no catalog.
 */
export function findRefusedCatalog(lines: readonly string[], run: RunId | null): RefusedCatalog | null {
  const first = lines.map(parseRunMarker).find((marker) => marker !== null);
  // What stands before the first mark was printed by the run before it.
  let currentRun = first === undefined ? run : first.previous;
  let loading = new Set<string>();
  let found: RefusedCatalog | null = null;
  for (const [index, line] of lines.entries()) {
    const marked = parseRunMarker(line);
    const begun = LOADING.exec(line)?.[1];
    const added = ADDED.exec(line)?.[1];
    const failure = FAILED.exec(line)?.[1];
    if (marked !== null) {
      currentRun = marked.run;
      loading = new Set();
    } else if (line.endsWith(STARTED)) {
      // It got over its catalogs, so whatever an earlier run refused is no longer refused.
      loading = new Set();
      found = null;
    } else if (begun !== undefined) {
      loading.add(findCatalogName(begun));
    } else if (added !== undefined) {
      loading.delete(added);
    } else if (failure !== undefined && currentRun !== null) {
      const message = findReason(failure, lines.slice(index + 1, index + 1 + REASON_LINES));
      const named = NAMELESS.exec(message) === null ? undefined : CATALOG_FILE.exec(message)?.[1];
      const catalog = named ?? [...loading].join(', ');
      if (catalog !== '') found = { run: currentRun, catalog, message };
    }
  }
  return found;
}

function findCatalogName(printed: string): string {
  return CATALOG_FILE.exec(printed)?.[1] ?? printed;
}

function findReason(heading: string, after: readonly string[]): string {
  const nameless = after.map((line) => NAMELESS.exec(line)?.[0]).find((match) => match !== undefined);
  if (nameless !== undefined) return nameless;
  const isHeading = heading.trim() === '' || heading.trim().endsWith(':');
  const reasons = isHeading ? after.map((line) => NUMBERED.exec(line)?.[1]) : [];
  return reasons.find((reason) => reason !== undefined) ?? heading.trim();
}
