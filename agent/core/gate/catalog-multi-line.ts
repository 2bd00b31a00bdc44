import { readEdn } from '../edn/read.ts';
import type { PropertyEntry } from '../properties/read.ts';
import { CLIENT_CONFIG, DATABASES } from './catalog.ts';
import type { IssueLog } from './issue-log.ts';

export interface Spilled {
  /** Values that go on in the next lines; they are reported. */
  readonly openers: ReadonlySet<PropertyEntry>;
  /** The lines in which they go on: nothing that Java makes of them is worth a finding. */
  readonly lines: ReadonlySet<number>;
  readonly steps: number;
}

const MAX_LINES = 50;
const MAX_LENGTH = 65_536;
/** To Java the line end ends the value; in a client map `\` joins the lines, which the documentation rules out. */
const HINT = 'write it on one line';

/** EDN values that were written over several lines. */
export function findMultiLine(entries: readonly PropertyEntry[], bytes: Uint8Array, log: IssueLog): Spilled {
  const openers = new Set<PropertyEntry>();
  const lines = new Set<number>();
  let steps = 0;
  let physical: readonly string[] | null = null;
  for (const entry of entries) {
    if (entry.key !== CLIENT_CONFIG && entry.key !== DATABASES) continue;
    if (lines.has(entry.line)) continue;
    if (entry.lastLine > entry.valueLine) {
      if (entry.key !== CLIENT_CONFIG) continue;
      const message = `${CLIENT_CONFIG} runs over several lines; its map must stand on one`;
      log.add('CATALOG_MULTI_LINE', { line: entry.valueLine, column: entry.valueColumn }, message, HINT);
      continue;
    }
    if (entry.value.length > MAX_LENGTH || isClosed(entry.value)) continue;
    physical ??= splitLines(bytes);
    const found = findEnd(entry, physical);
    steps += found.steps;
    if (found.lastLine === null) continue;
    openers.add(entry);
    for (let line = entry.line + 1; line <= found.lastLine; line++) lines.add(line);
    const message = `${entry.key} goes on up to line ${found.lastLine}; to Java it ends with its own line`;
    log.add('CATALOG_MULTI_LINE', { line: entry.valueLine, column: entry.valueColumn }, message, HINT);
  }
  return { openers, lines, steps };
}

const OPTIONS = { isSecret: true, unknownTags: 'keep' } as const;

const isClosed = (text: string) => readEdn(text, OPTIONS).isBalanced;

function splitLines(bytes: Uint8Array): readonly string[] {
  return new TextDecoder('latin1').decode(bytes).split(/\r\n|\n|\r/);
}

/** The line in which a form that stands open at the end of its line is closed. */
function findEnd(
  entry: PropertyEntry,
  physical: readonly string[],
): { readonly lastLine: number | null; readonly steps: number } {
  const text = [entry.value, ...physical.slice(entry.line, entry.line + MAX_LINES)].join('\n');
  const { form, isBalanced, steps } = readEdn(text.slice(0, MAX_LENGTH), { ...OPTIONS, forms: 'first' });
  if (form === null || !isBalanced) return { lastLine: null, steps };
  const lines = text.slice(0, form.end).split('\n').length - 1;
  // Closed on its own line: a closer too many made it unbalanced.
  return { lastLine: lines === 0 ? null : entry.line + lines, steps };
}
