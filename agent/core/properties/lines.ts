/** A key and its value without line ends, continuations and leading blanks; escapes are still in it. */
export interface LogicalLine {
  readonly units: Uint8Array;
  /** Where a unit stands in the file; also for the place behind the last one. */
  readonly offsetOf: (unit: number) => number;
}

export interface LogicalLines {
  readonly lines: readonly LogicalLine[];
  readonly locate: (offset: number) => { readonly line: number; readonly column: number };
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BACKSLASH = 0x5c;

const isBlank = (unit: number) => unit === 0x20 || unit === 0x09 || unit === 0x0c;
const isLineEnd = (unit: number) => unit === NEWLINE || unit === RETURN;
const isCommentMark = (unit: number) => unit === 0x23 || unit === 0x21;

interface Piece {
  readonly from: number;
  readonly to: number;
}

/**
 * Joins natural lines to logical ones as Java's `LineReader` does: blank lines and comments are left out, an odd
 * number of backslashes before a line end continues the line, and the next one loses its leading blanks.
 */
export function readLogicalLines(bytes: Uint8Array): LogicalLines {
  const lines: LogicalLine[] = [];
  const lineStarts = findLineStarts(bytes);
  let at = 0;
  while (at < bytes.length) {
    const { line, next } = readOne(bytes, at);
    if (line !== null) lines.push(line);
    at = next;
  }
  return { lines, locate: (offset) => locateIn(lineStarts, offset) };
}

function readOne(bytes: Uint8Array, start: number): { line: LogicalLine | null; next: number } {
  const pieces: Piece[] = [];
  let at = start;
  for (;;) {
    while (at < bytes.length && isBlank(bytes[at] as number)) at++;
    const isEmptySoFar = pieces.length === 0;
    if (isEmptySoFar && at < bytes.length && isCommentMark(bytes[at] as number)) {
      return { line: null, next: skipLineEnd(bytes, lineEndFrom(bytes, at)) };
    }
    const end = lineEndFrom(bytes, at);
    const isContinued = endsWithOddBackslashes(bytes, at, end);
    const to = isContinued ? end - 1 : end;
    if (to > at) pieces.push({ from: at, to });
    const next = skipLineEnd(bytes, end);
    // A line of nothing but a backslash has no content yet: what follows may still be a comment.
    if (isContinued && pieces.length === 0 && end + 1 >= bytes.length) return { line: emptyLine(at), next };
    if (!isContinued || end >= bytes.length) return { line: join(bytes, pieces), next };
    at = next;
    // After a continuation blanks are skipped, line ends are not: an empty line ends the logical one.
  }
}

function lineEndFrom(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && !isLineEnd(bytes[at] as number)) at++;
  return at;
}

/** Behind a line end; a carriage return and a newline together are one. */
function skipLineEnd(bytes: Uint8Array, end: number): number {
  if (end >= bytes.length) return end;
  return bytes[end] === RETURN && bytes[end + 1] === NEWLINE ? end + 2 : end + 1;
}

function endsWithOddBackslashes(bytes: Uint8Array, from: number, end: number): boolean {
  let at = end;
  while (at > from && bytes[at - 1] === BACKSLASH) at--;
  return (end - at) % 2 === 1;
}

function join(bytes: Uint8Array, pieces: readonly Piece[]): LogicalLine | null {
  const [first] = pieces;
  if (first === undefined) return null;
  if (pieces.length === 1) {
    return { units: bytes.subarray(first.from, first.to), offsetOf: (unit) => first.from + unit };
  }
  const units = new Uint8Array(pieces.reduce((sum, { from, to }) => sum + to - from, 0));
  let filled = 0;
  for (const { from, to } of pieces) {
    units.set(bytes.subarray(from, to), filled);
    filled += to - from;
  }
  return { units, offsetOf: (unit) => offsetIn(pieces, unit) };
}

/** Java makes an entry of nothing of a backslash with nothing before it and at most one character behind it. */
const emptyLine = (at: number): LogicalLine => ({ units: new Uint8Array(0), offsetOf: () => at });

function offsetIn(pieces: readonly Piece[], unit: number): number {
  let left = unit;
  for (const { from, to } of pieces) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return (pieces.at(-1)?.to ?? 0) + left;
}

function findLineStarts(bytes: Uint8Array): readonly number[] {
  const starts = [0];
  for (let at = 0; at < bytes.length; ) {
    const end = lineEndFrom(bytes, at);
    if (end >= bytes.length) break;
    at = skipLineEnd(bytes, end);
    starts.push(at);
  }
  return starts;
}

function locateIn(lineStarts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] as number) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lineStarts[low] as number) + 1 };
}
