import type { Assembler } from './assemble.ts';
import { classOf, DIGIT, FORBIDDEN } from './characters.ts';
import { type Cursor, findFrom, seek, skipComment, skipNumber, skipToken, spanAt } from './cursor.ts';
import { quoteText } from './fault.ts';
import type { Report } from './fault-log.ts';
import type { FrameKind } from './frame.ts';
import { parseName } from './name.ts';
import type { EdnNode, EdnSpan } from './node.ts';
import { MAX_NUMBER_LENGTH, type NumberValue, parseNumber } from './number.ts';
import { parseCharacter, readEscapedString } from './text.ts';

const DISPATCH: Readonly<Record<string, FrameKind>> = {
  '{': 'set',
  _: 'discard',
  '^': 'meta',
  '#': 'symbolic',
  ':': 'namespace',
};
/** A tag begins with a letter below U+0100: Clojure looks nowhere else. */
const TAG_LETTER = /^(?![\u0100-\uffff])\p{L}$/u;

/** Gives the function that reads one thing at the cursor, which stands on no whitespace. */
export function createScanner(
  cursor: Cursor,
  assembler: Assembler,
  options: { readonly report: Report; readonly isSecret: boolean },
): () => void {
  const { text } = cursor;
  const { report } = options;
  let nextBackslash = findFrom(text, '\\', 0);
  let firstLongString: EdnSpan | null = null;

  const quote = (token: string) => (options.isSecret ? 'this' : quoteText(token));
  const takeBroken = ({ start, end, line, column }: EdnSpan) =>
    assembler.take({ kind: 'broken', start, end, line, column });

  const open = (kind: FrameKind, length: number): void => {
    const start = cursor.position;
    cursor.position = start + length;
    assembler.open(kind, spanAt(cursor, start, start + length));
  };

  const close = (closer: string): void => {
    const start = cursor.position;
    cursor.position = start + 1;
    assembler.close(closer, spanAt(cursor, start, start + 1));
  };

  const scanToken = (): void => {
    const start = cursor.position;
    const seen = skipToken(cursor, start);
    const end = cursor.position;
    const token = text.slice(start, end);
    seek(cursor, start);
    const { line } = cursor;
    const column = start - cursor.lineStart + 1;
    if (token === 'nil') {
      assembler.take({ kind: 'nil', start, end, line, column });
      return;
    }
    if (token === 'true' || token === 'false') {
      assembler.take({ kind: 'boolean', start, end, line, column, value: token === 'true' });
      return;
    }
    const parts = (seen & FORBIDDEN) === 0 ? parseName(token) : null;
    if (parts !== null) {
      const kind = parts.isKeyword ? 'keyword' : 'symbol';
      const { namespace, name } = parts;
      assembler.take({ kind, start, end, line, column, namespace, name, text: token });
      return;
    }
    const span = { start, end, line, column };
    report('EDN_BAD_TOKEN', span, `${quote(token)} is no name that EDN allows`, nameHint(token));
    takeBroken(span);
  };

  const scanNumber = (): void => {
    const start = cursor.position;
    skipNumber(cursor);
    const end = cursor.position;
    const token = text.slice(start, end);
    const span = spanAt(cursor, start, end);
    const value = placeNumber(parseNumber(token), span);
    if (value !== null) {
      assembler.take(value);
      return;
    }
    if (token.length > MAX_NUMBER_LENGTH) {
      const message = `this number has more than ${MAX_NUMBER_LENGTH} characters`;
      report('EDN_BAD_NUMBER', span, message, 'write it as a string');
    } else {
      const hint = 'what begins with a digit must be a number; write anything else as a string';
      report('EDN_BAD_NUMBER', span, `${quote(token)} is no number`, hint);
    }
    takeBroken(span);
  };

  const scanString = (): void => {
    const start = cursor.position;
    if (nextBackslash < start) nextBackslash = findFrom(text, '\\', start);
    const closing = findFrom(text, '"', start + 1);
    const span = spanAt(cursor, start, start + 1);
    if (closing < nextBackslash) {
      takeString(span, text.slice(start + 1, closing), closing + 1);
      return;
    }
    const { value, end, faults } = readEscapedString(text, start + 1);
    if (end === -1) {
      endInString(span);
      return;
    }
    for (const { start: from, end: to, message } of faults) {
      const where = spanAt(cursor, from, to);
      report(
        'EDN_BAD_ESCAPE',
        where,
        `${quote(text.slice(from, to))} ${message}`,
        'write \\\\ for a backslash',
      );
    }
    takeString(span, value, end);
  };

  const takeString = ({ start, line, column }: EdnSpan, value: string, end: number): void => {
    cursor.steps += end - start;
    cursor.position = end;
    if (firstLongString === null && cursor.nextBreak < end) firstLongString = { start, end, line, column };
    assembler.take({ kind: 'string', start, end, line, column, value });
  };

  const endInString = (span: EdnSpan): void => {
    const other = firstLongString;
    const perhaps =
      other === null
        ? ''
        : `; or let the string at ${other.line}:${other.column} end earlier, it runs over several lines`;
    cursor.steps += text.length - cursor.position;
    cursor.position = text.length;
    report('EDN_UNCLOSED_STRING', span, 'the string that begins here is never closed', `add its "${perhaps}`);
    assembler.abandon();
  };

  const scanCharacter = (): void => {
    const start = cursor.position;
    // Whatever follows the backslash belongs to the character, even a closer.
    skipToken(cursor, start + 2);
    const end = cursor.position;
    const token = text.slice(start + 1, end);
    const value = token === '' || /[@`~]/.test(token.slice(1)) ? null : parseCharacter(token);
    const span = spanAt(cursor, start, end);
    if (value !== null) {
      assembler.take({ kind: 'character', ...span, value });
      return;
    }
    const hint = 'write one character, \\newline, \\space, \\tab or \\uXXXX';
    report('EDN_BAD_CHARACTER', span, `${quote(text.slice(start, end))} is no character`, hint);
    takeBroken(span);
  };

  const scanDispatch = (): void => {
    const start = cursor.position;
    const next = text.charAt(start + 1);
    const kind = DISPATCH[next];
    if (kind !== undefined) {
      open(kind, 2);
      return;
    }
    if (TAG_LETTER.test(next)) {
      open('tag', 1);
      return;
    }
    const end = Math.min(start + 2, text.length);
    const span = spanAt(cursor, start, end);
    const hint = '# begins a set #{…}, a discard #_, a namespaced map #:ns{…} or a tag such as #inst';
    report('EDN_BAD_DISPATCH', span, `${quote(`#${next}`)} begins nothing in EDN`, hint);
    // What the # was put before is read, so that its closer is found, and dropped: a function or a pattern.
    if (/["([]/.test(next)) {
      open('unknown', 1);
      return;
    }
    const isWhole = classOf(text.charCodeAt(start + 1)) === 0;
    cursor.position = isWhole ? end : start + 1;
    if (isWhole) takeBroken(span);
  };

  const beginsNumber = (unit: number) => {
    if ((classOf(unit) & DIGIT) !== 0) return true;
    const isSign = unit === 0x2b || unit === 0x2d;
    return isSign && (classOf(text.charCodeAt(cursor.position + 1)) & DIGIT) !== 0;
  };

  const scanners: Readonly<Record<number, () => void>> = {
    34: scanString,
    35: scanDispatch,
    40: () => open('list', 1),
    41: () => close(')'),
    59: () => skipComment(cursor),
    91: () => open('vector', 1),
    92: scanCharacter,
    93: () => close(']'),
    94: () => open('meta', 1),
    123: () => open('map', 1),
    125: () => close('}'),
  };

  return () => {
    const unit = text.charCodeAt(cursor.position);
    if (assembler.needsMap() && unit !== 0x7b) assembler.missMap();
    const scan = scanners[unit];
    if (scan !== undefined) scan();
    else if (beginsNumber(unit)) scanNumber();
    else scanToken();
  };
}

/** Field by field: objects that are spread together cost V8 ten times as much. */
function placeNumber(value: NumberValue | null, { start, end, line, column }: EdnSpan): EdnNode | null {
  switch (value?.kind) {
    case undefined:
      return null;
    case 'integer':
      return { kind: 'integer', start, end, line, column, text: value.text, isBig: value.isBig };
    case 'float':
      return { kind: 'float', start, end, line, column, value: value.value };
    case 'decimal':
      return { kind: 'decimal', start, end, line, column, digits: value.digits, exponent: value.exponent };
    case 'ratio': {
      const { numerator, denominator } = value;
      return { kind: 'ratio', start, end, line, column, numerator, denominator };
    }
  }
}

function nameHint(token: string): string {
  if (/[@`~]/.test(token)) return 'a name holds no @, ` or ~';
  if (token.includes('::')) return 'write one colon';
  if (token.endsWith(':')) return 'a keyword begins with its colon';
  if (/\/[0-9]/.test(token)) return 'what follows a slash does not begin with a digit';
  return 'a keyword is :name or :namespace/name';
}
