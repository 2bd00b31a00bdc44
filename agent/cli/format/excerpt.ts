import type { Issue } from '../../core/issue.ts';
import type { SourceFile } from '../../core/types.ts';
import { printable } from '../print.ts';
import { maskCatalogLines } from './mask.ts';

export interface Excerpt {
  /** The place's line and the two before it, each with its number. */
  readonly lines: readonly string[];
  /** Blanks before the caret. */
  readonly indent: number;
  /** Carets: as long as the word at the place. */
  readonly length: number;
}

/** Nobody looks for a line in a file that is larger; splitting it would cost more than judging it. */
const MAX_BYTES = 2 ** 20;
const CONTEXT_LINES = 2;
const NUMBER_WIDTH = 5;
const SEPARATOR = ' | ';
const LINE_END = /\r\n|\n|\r/;
/** Where a word ends, in EDN as in properties. */
const WORD = /^[^\s()[\]{}",;=]+/;

/** The lines that an issue is about, at most `width` columns; null when the place is not in the file, or the file is huge. */
export function renderExcerpt(file: SourceFile, issue: Issue, width: number): Excerpt | null {
  if (file.bytes.length > MAX_BYTES) return null;
  const isCatalog = file.path.startsWith('catalog/');
  const decoded = new TextDecoder(isCatalog ? 'latin1' : 'utf-8').decode(file.bytes);
  const split = decoded.split(LINE_END);
  const all = isCatalog ? maskCatalogLines(file.bytes, split) : split;
  const last = all[issue.line - 1];
  if (last === undefined) return null;
  const column = Math.min(Math.max(issue.column, 1), last.length + 1);
  const room = width - NUMBER_WIDTH - SEPARATOR.length;
  // A long line is moved to the left until the place is well inside.
  const start = column - 1 <= room - 12 ? 0 : column - 1 - Math.floor(room / 2);
  const first = Math.max(1, issue.line - CONTEXT_LINES);
  const lines = all.slice(first - 1, issue.line).map((text, index) => {
    const number = String(first + index).padStart(NUMBER_WIDTH);
    return `${number}${SEPARATOR}${cut(text, start, room)}`.trimEnd();
  });
  const before = printable(last.slice(start, column - 1));
  const word = printable(WORD.exec(last.slice(column - 1))?.[0] ?? '');
  const indent = NUMBER_WIDTH + SEPARATOR.length + before.length;
  return { lines, indent, length: Math.min(Math.max(word.length, 1), Math.max(1, width - indent)) };
}

function cut(text: string, start: number, room: number): string {
  const shown = printable(text.slice(start));
  return shown.length <= room ? shown : `${shown.slice(0, room - 1)}…`;
}
