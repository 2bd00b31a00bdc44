import { classOf, digitOf, MACRO, WHITESPACE } from './characters.ts';

/** A bad escape in a string: from `start` to `end`, with what is wrong with it. */
export interface EscapeFault {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

export interface EscapedString {
  readonly value: string;
  /** After the closing quote; -1 when there is none. */
  readonly end: number;
  readonly faults: readonly EscapeFault[];
}

const SIMPLE: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  b: '\b',
  f: '\f',
  '\\': '\\',
  '"': '"',
};

const NAMED: Readonly<Record<string, string>> = {
  newline: '\n',
  space: ' ',
  tab: '\t',
  backspace: '\b',
  formfeed: '\f',
  return: '\r',
};

const MAX_OCTAL = 0o377;

/** Reads a string with escapes whose content begins at `start`, up to its closing quote. */
export function readEscapedString(text: string, start: number): EscapedString {
  const faults: EscapeFault[] = [];
  const parts: string[] = [];
  let from = start;
  let at = start;
  for (;;) {
    if (at >= text.length) return { value: '', end: -1, faults };
    const unit = text.charCodeAt(at);
    if (unit === 0x22) break;
    if (unit !== 0x5c) {
      at++;
      continue;
    }
    parts.push(text.slice(from, at));
    const found = readEscape(text, at);
    if (found.message !== null) faults.push({ start: at, end: found.end, message: found.message });
    parts.push(found.value);
    at = found.end;
    from = at;
  }
  parts.push(text.slice(from, at));
  return { value: parts.join(''), end: at + 1, faults };
}

interface Escape {
  readonly value: string;
  readonly end: number;
  readonly message: string | null;
}

function readEscape(text: string, start: number): Escape {
  const letter = text.charAt(start + 1);
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { value: simple, end: start + 2, message: null };
  if (letter === 'u') return readDigits(text, start + 2, 16, 4);
  if (letter !== '' && digitOf(letter.charCodeAt(0), 10) !== -1) return readDigits(text, start + 1, 8, 3);
  return { value: '', end: Math.min(start + 2, text.length), message: 'is no escape that EDN knows' };
}

function readDigits(text: string, start: number, radix: 8 | 16, length: number): Escape {
  let value = 0;
  let at = start;
  for (; at < start + length && at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((classOf(unit) & (WHITESPACE | MACRO)) !== 0) break;
    const digit = digitOf(unit, radix);
    if (digit === -1) return { value: '', end: at, message: `needs ${digitWords(radix)}` };
    value = value * radix + digit;
  }
  if (radix === 16 && at !== start + length)
    return { value: '', end: at, message: `needs ${digitWords(radix)}` };
  if (radix === 8 && value > MAX_OCTAL) return { value: '', end: at, message: 'is more than \\377' };
  return { value: String.fromCharCode(value), end: at, message: null };
}

const digitWords = (radix: 8 | 16) =>
  radix === 16 ? 'four hexadecimal digits after \\u' : 'one to three octal digits';

/** The character that `\token` means, or null. `token` stands without its backslash and is not empty. */
export function parseCharacter(token: string): string | null {
  if (token.length === 1) return token;
  const named = Object.hasOwn(NAMED, token) ? NAMED[token] : undefined;
  if (named !== undefined) return named;
  const code = parseCode(token);
  return code === null ? null : String.fromCharCode(code);
}

function parseCode(token: string): number | null {
  const isHex = token.startsWith('u');
  if (!isHex && !token.startsWith('o')) return null;
  if (isHex ? token.length !== 5 : token.length > 4) return null;
  let code = 0;
  for (let i = 1; i < token.length; i++) {
    const digit = digitOf(token.charCodeAt(i), isHex ? 16 : 8);
    if (digit === -1) return null;
    code = code * (isHex ? 16 : 8) + digit;
  }
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  return isSurrogate || (!isHex && code > MAX_OCTAL) ? null : code;
}
