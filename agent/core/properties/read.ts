import { readLogicalLines } from './lines.ts';
import { originOf, unescapeText } from './unescape.ts';

/** Line and column, from 1. A column counts bytes. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface PropertyEntry {
  readonly key: string;
  readonly value: string;
  /** Of the key's first character, from 1. */
  readonly line: number;
  readonly column: number;
  /** Of the value's first character, or of the place where it would begin. */
  readonly valueLine: number;
  readonly valueColumn: number;
  /** What stands between key and value: `=`, `:`, a blank, or null where nothing does. */
  readonly separator: '=' | ':' | ' ' | null;
  /** The line on which the entry ends: a later one than `line` when it was continued with a backslash. */
  readonly lastLine: number;
  /** Line and column of a character of the value. Walks the value: for findings, not for every character. */
  readonly locateInValue: (index: number) => Place;
}

export type PropertiesFaultCode = 'PROPERTIES_BAD_ESCAPE' | 'PROPERTIES_DUPLICATE_KEY';

/** The key is named, never the value: it may be a secret. */
export interface PropertiesFault extends Place {
  readonly code: PropertiesFaultCode;
  readonly message: string;
  readonly hint: string;
}

export interface PropertiesReading {
  /** In the order of the file, keys that stand twice included. To Java the last one counts. */
  readonly entries: readonly PropertyEntry[];
  /** A bad escape makes Java refuse the file; a key that stands twice does not. */
  readonly faults: readonly PropertiesFault[];
  /** The place of a byte. */
  readonly locate: (offset: number) => Place;
  /** Work done, in bytes looked at: at most a small multiple of the length. */
  readonly steps: number;
}

/** More are not told: the first ones are to be corrected anyway. */
const MAX_FAULTS = 100;

/**
 * Reads what `java.util.Properties.load(InputStream)` reads: ISO-8859-1, one character a byte; `#` and `!` begin a
 * comment line; `=`, `:` or blanks end a key; a backslash escapes, continues a line and begins `\uXXXX`.
 */
export function readProperties(bytes: Uint8Array): PropertiesReading {
  const entries: PropertyEntry[] = [];
  const faults: PropertiesFault[] = [];
  const firstLines = new Map<string, number>();
  const { lines, locate } = readLogicalLines(bytes);
  let steps = bytes.length;

  const addFault = (fault: PropertiesFault) => {
    if (faults.length < MAX_FAULTS) faults.push(fault);
  };

  for (const { units, offsetOf } of lines) {
    steps += units.length * 2;
    const { keyEnd, separator, valueStart } = splitLine(units);
    const valueUnits = units.subarray(valueStart);
    const key = unescapeText(units.subarray(0, keyEnd));
    const value = unescapeText(valueUnits);
    const start = locate(offsetOf(0));
    const valueAt = locate(offsetOf(valueStart));
    // Without a separator a value, perhaps a secret, is a part of the key.
    const named = separator === null || key.badAt !== null ? '' : key.text;
    if (key.badAt !== null) addFault(badEscape(named, locate(offsetOf(key.badAt))));
    if (value.badAt !== null) addFault(badEscape(named, locate(offsetOf(valueStart + value.badAt))));
    const firstLine = firstLines.get(key.text);
    if (firstLine === undefined) firstLines.set(key.text, start.line);
    else addFault(duplicateKey(named, start, firstLine));
    entries.push({
      key: key.text,
      value: value.text,
      ...start,
      valueLine: valueAt.line,
      valueColumn: valueAt.column,
      separator,
      lastLine: locate(offsetOf(Math.max(0, units.length - 1))).line,
      locateInValue: (index) => locate(offsetOf(valueStart + originOf(valueUnits, index))),
    });
  }
  return { entries, faults, locate, steps };
}

const badEscape = (key: string, place: Place): PropertiesFault => ({
  code: 'PROPERTIES_BAD_ESCAPE',
  ...place,
  message: `\\u in ${nameKey(key)} is not followed by four hexadecimal digits: Java refuses the whole file`,
  hint: 'write \\\\ for a backslash',
});

const duplicateKey = (key: string, place: Place, firstLine: number): PropertiesFault => ({
  code: 'PROPERTIES_DUPLICATE_KEY',
  ...place,
  message: `${nameKey(key)} stands twice, first on line ${firstLine}; the last one counts`,
  hint: 'remove the one that is not meant',
});

const PLAIN_KEY = /^[a-z][a-z0-9]{0,20}(?:[.-][a-z0-9]{1,20}){1,4}$/;

/** A key as it may stand in a message. What looks like no key may be a torn line of secrets, so it is not quoted. */
export const nameKey = (key: string): string => (PLAIN_KEY.test(key) ? key : 'this key');

const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const COLON = 0x3a;

const isBlank = (unit: number | undefined) => unit === 0x20 || unit === 0x09 || unit === 0x0c;
const isSign = (unit: number | undefined) => unit === EQUALS || unit === COLON;

function splitLine(units: Uint8Array): {
  readonly keyEnd: number;
  readonly separator: PropertyEntry['separator'];
  readonly valueStart: number;
} {
  let keyEnd = 0;
  for (; keyEnd < units.length; keyEnd++) {
    const unit = units[keyEnd];
    if (isSign(unit) || isBlank(unit)) break;
    // Whatever a backslash stands before belongs to the key.
    if (unit === BACKSLASH) keyEnd++;
  }
  keyEnd = Math.min(keyEnd, units.length);
  let valueStart = keyEnd;
  while (isBlank(units[valueStart])) valueStart++;
  const sign = units[valueStart];
  if (isSign(sign)) {
    valueStart++;
    while (isBlank(units[valueStart])) valueStart++;
    return { keyEnd, separator: sign === EQUALS ? '=' : ':', valueStart };
  }
  return { keyEnd, separator: valueStart > keyEnd ? ' ' : null, valueStart };
}
