export interface Unescaped {
  readonly text: string;
  /** Where the first malformed `\uXXXX` begins in the units, or null. */
  readonly badAt: number | null;
}

const BACKSLASH = 0x5c;
const UNICODE = 0x75;
const LETTERS: Readonly<Record<number, number>> = { 116: 0x09, 114: 0x0d, 110: 0x0a, 102: 0x0c };
const CHUNK = 8_192;

/** Takes the escapes out of a part of a logical line. An unknown letter behind a backslash stands for itself. */
export function unescapeText(units: Uint8Array): Unescaped {
  if (units.indexOf(BACKSLASH) === -1) return { text: toText(units), badAt: null };
  const out = new Uint16Array(units.length);
  let length = 0;
  let badAt: number | null = null;
  for (let at = 0; at < units.length; ) {
    const { code, next } = unitAt(units, at);
    if (code === null) badAt ??= at;
    else if (code >= 0) out[length++] = code;
    at = next;
  }
  return { text: toText(out.subarray(0, length)), badAt };
}

/** Which unit the character at `index` of the unescaped text came from. */
export function originOf(units: Uint8Array, index: number): number {
  let at = 0;
  for (let left = index; left > 0 && at < units.length; ) {
    const { code, next } = unitAt(units, at);
    if (code !== null && code >= 0) left--;
    at = next;
  }
  return at;
}

const NOTHING = -1;

/** The character that begins at a unit: null for a malformed escape, -1 for a lone backslash at the very end. */
function unitAt(units: Uint8Array, at: number): { code: number | null; next: number } {
  const unit = units[at] as number;
  if (unit !== BACKSLASH) return { code: unit, next: at + 1 };
  const letter = units[at + 1];
  if (letter === undefined) return { code: NOTHING, next: at + 1 };
  if (letter !== UNICODE) return { code: LETTERS[letter] ?? letter, next: at + 2 };
  const code = parseHex(units, at + 2);
  return { code, next: code === null ? at + 2 : at + 6 };
}

function parseHex(units: Uint8Array, from: number): number | null {
  if (from + 4 > units.length) return null;
  let code = 0;
  for (let at = from; at < from + 4; at++) {
    const digit = Number.parseInt(String.fromCharCode(units[at] as number), 16);
    if (Number.isNaN(digit)) return null;
    code = code * 16 + digit;
  }
  return code;
}

function toText(units: Uint8Array | Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += CHUNK) {
    text += String.fromCharCode(...units.subarray(at, at + CHUNK));
  }
  return text;
}
