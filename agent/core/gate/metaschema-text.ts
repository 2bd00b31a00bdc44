import type { IssueLog } from './issue-log.ts';

const BYTE_ORDER_MARK = '\ufeff';
/** Each ASCII character of a UTF-16 text brings a NUL. */
const UTF16_SHARE = 0.25;

/** The text of a metaschema; null when there is no sense in reading it. What is wrong with it goes to the log. */
export function decodeMetaschema(bytes: Uint8Array, log: IssueLog): string | null {
  const text = decode(bytes, log);
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    const isWide = countNuls(text) > text.length * UTF16_SHARE;
    const message = isWide
      ? 'every other character is NUL: the file is UTF-16'
      : 'a NUL character stands here';
    log.add('EDN_NUL', placeOf(text.slice(0, nul)), message, isWide ? 'save it as UTF-8' : 'remove it');
    if (isWide) return null;
  }
  // A blank in its place keeps all columns and adds no findings of its own.
  const readable = nul === -1 ? text : text.replaceAll('\0', ' ');
  if (!text.startsWith(BYTE_ORDER_MARK)) return readable;
  const message = 'the file begins with a byte order mark, which Clojure takes for a name';
  log.add('EDN_BYTE_ORDER_MARK', { line: 1, column: 1 }, message, 'save it as UTF-8 without BOM');
  return ` ${readable.slice(1)}`;
}

function countNuls(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === 0) count++;
  return count;
}

function decode(bytes: Uint8Array, log: IssueLog): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: said below, with its place.
  }
  const bad = findBadByte(bytes);
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, bad));
  const isUtf16 = bad === 0 && bytes.length > 1 && (bytes[0] ?? 0) + (bytes[1] ?? 0) === 0xfe + 0xff;
  const value = (bytes[bad] ?? 0).toString(16).padStart(2, '0');
  const message = isUtf16 ? 'the file is UTF-16' : `the byte 0x${value} is no UTF-8`;
  log.add('EDN_NOT_UTF8', placeOf(before), message, 'save the file as UTF-8');
  // What is written in ASCII can be read all the same, so that all mistakes show at once.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Where the character behind `before` stands. */
function placeOf(before: string): { readonly line: number; readonly column: number } {
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line++;
  return { line, column: before.length - lineStart + 1 };
}

/** The smallest and largest second byte after a lead byte that does not allow all: no overlong forms, no surrogates. */
const SECOND: Readonly<Record<number, readonly [number, number]>> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};

/** Index of the first byte that begins no well-formed character. */
function findBadByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return bytes.length;
}

function characterLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const [low, high] = SECOND[lead] ?? [0x80, 0xbf];
  for (let offset = 1; offset < length; offset++) {
    const byte = bytes[at + offset] ?? 0;
    const isFit = offset === 1 ? byte >= low && byte <= high : byte >= 0x80 && byte <= 0xbf;
    if (!isFit) return 0;
  }
  return length;
}
