import { CLASSES, classOf, MACRO, TERMINATOR, WHITESPACE } from './characters.ts';
import type { EdnSpan } from './node.ts';

/** A place that moves through a text from left to right and knows its line. */
export interface Cursor {
  readonly text: string;
  position: number;
  /** Line and start of line of the last place that was sought. */
  line: number;
  lineStart: number;
  nextBreak: number;
  /** Characters looked at so far. */
  steps: number;
}

/** The text's first character stands at line and column `at`. */
export function createCursor(text: string, at: Pick<EdnSpan, 'line' | 'column'>): Cursor {
  const nextBreak = findFrom(text, '\n', 0);
  return { text, position: 0, line: at.line, lineStart: 1 - at.column, nextBreak, steps: 0 };
}

/** As `indexOf`, with infinity for nowhere, so that it can be compared with places. */
export function findFrom(text: string, character: string, from: number): number {
  const found = text.indexOf(character, from);
  return found === -1 ? Number.POSITIVE_INFINITY : found;
}

/** Brings `line` and `lineStart` to a place at or behind the last one sought. */
export function seek(cursor: Cursor, place: number): void {
  while (cursor.nextBreak < place) {
    cursor.line++;
    cursor.lineStart = cursor.nextBreak + 1;
    cursor.nextBreak = findFrom(cursor.text, '\n', cursor.lineStart);
  }
}

/** The span between two places, the first of them at or behind the last one sought. */
export function spanAt(cursor: Cursor, start: number, end: number): EdnSpan {
  seek(cursor, start);
  return { start, end, line: cursor.line, column: start - cursor.lineStart + 1 };
}

export function skipWhitespace(cursor: Cursor): void {
  const { text, position } = cursor;
  let at = position;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const bits = unit < 256 ? (CLASSES[unit] as number) : classOf(unit);
    if ((bits & WHITESPACE) === 0) break;
  }
  cursor.steps += at - position;
  cursor.position = at;
}

/** From a semicolon to the end of its line; to Java a carriage return ends it too. */
export function skipComment(cursor: Cursor): void {
  const { text, position } = cursor;
  let at = position;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x0a || unit === 0x0d) break;
  }
  cursor.steps += at - position;
  cursor.position = at;
}

/** Moves behind a token whose first characters, before `from`, are already taken; gives the bits it met. */
export function skipToken(cursor: Cursor, from: number): number {
  const { text } = cursor;
  let seen = 0;
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const bits = unit < 256 ? (CLASSES[unit] as number) : classOf(unit);
    if ((bits & (WHITESPACE | TERMINATOR)) !== 0) break;
    seen |= bits;
  }
  cursor.steps += at - cursor.position;
  cursor.position = Math.min(at, text.length);
  return seen;
}

/** Moves behind a number, which any macro character ends, also `#`. */
export function skipNumber(cursor: Cursor): void {
  const { text, position } = cursor;
  let at = position + 1;
  while (at < text.length && (classOf(text.charCodeAt(at)) & (WHITESPACE | MACRO)) === 0) at++;
  cursor.steps += at - position;
  cursor.position = at;
}
