import { type PlacedCharacter, readLogicalLines } from './logical-lines.ts';

export interface PropertyEntry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
  /** Where the value begins; where the key ends when there is none. */
  readonly valueLine: number;
  readonly valueColumn: number;
  /** What stood between key and value; null when nothing did. */
  readonly separator: '=' | ':' | ' ' | null;
}

export interface PropertyFault {
  readonly code: 'PROPERTIES_BAD_ESCAPE' | 'PROPERTIES_DUPLICATE_KEY';
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

export interface PropertiesReading {
  /** In the order of the text, duplicates too: Java takes the last. */
  readonly entries: readonly PropertyEntry[];
  readonly faults: readonly PropertyFault[];
}

const isBlank = (text: string): boolean => text === ' ' || text === '\t' || text === '\f';
const NAMED_ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };
const HEX = /^[0-9a-fA-F]{4}$/;

/** Undoes the escapes as Java does: `\uXXXX`, `\t \n \r \f`, and any other character for itself. */
function undoEscapes(characters: readonly PlacedCharacter[], faults: PropertyFault[]): string {
  let text = '';
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index];
    if (character?.text !== '\\') {
      text += character?.text ?? '';
      continue;
    }
    index += 1;
    const escaped = characters[index]?.text ?? '';
    if (escaped !== 'u') {
      text += NAMED_ESCAPES[escaped] ?? escaped;
      continue;
    }
    const digits = characters
      .slice(index + 1, index + 5)
      .map((digit) => digit.text)
      .join('');
    if (HEX.test(digits)) {
      text += String.fromCharCode(Number.parseInt(digits, 16));
      index += 4;
    } else {
      const { line, column } = character;
      const message = 'expected four hexadecimal digits after \\u; Java refuses the whole file';
      faults.push({
        code: 'PROPERTIES_BAD_ESCAPE',
        line,
        column,
        message,
        hint: 'write \\\\ for a backslash',
      });
    }
  }
  return text;
}

function readEntry(characters: readonly PlacedCharacter[], faults: PropertyFault[]): PropertyEntry {
  let keyEnd = 0;
  while (keyEnd < characters.length) {
    const text = characters[keyEnd]?.text ?? '';
    if (text === '=' || text === ':' || isBlank(text)) break;
    keyEnd += text === '\\' ? 2 : 1;
  }
  keyEnd = Math.min(keyEnd, characters.length);
  let valueStart = keyEnd;
  let separator: PropertyEntry['separator'] = null;
  for (; valueStart < characters.length; valueStart += 1) {
    const text = characters[valueStart]?.text ?? '';
    if ((text === '=' || text === ':') && (separator === null || separator === ' ')) separator = text;
    else if (isBlank(text)) separator ??= ' ';
    else break;
  }
  const first = characters[0];
  const last = characters.at(-1);
  const valueAt = characters[valueStart];
  return {
    key: undoEscapes(characters.slice(0, keyEnd), faults),
    value: undoEscapes(characters.slice(valueStart), faults),
    line: first?.line ?? 0,
    column: first?.column ?? 0,
    valueLine: valueAt?.line ?? last?.line ?? 0,
    valueColumn: valueAt?.column ?? (last?.column ?? 0) + 1,
    separator,
  };
}

/** Bytes as ISO-8859-1, which is what `Properties.load` reads. */
function decodeLatin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 8_192) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 8_192)));
  }
  return parts.join('');
}

/** Reads a `.properties` file exactly as `java.util.Properties.load(InputStream)` does, with positions. */
export function readProperties(bytes: Uint8Array): PropertiesReading {
  const faults: PropertyFault[] = [];
  const entries = readLogicalLines(decodeLatin1(bytes)).map((line) => readEntry(line, faults));
  const seen = new Map<string, PropertyEntry>();
  for (const entry of entries) {
    const before = seen.get(entry.key);
    if (before !== undefined) {
      faults.push({
        code: 'PROPERTIES_DUPLICATE_KEY',
        line: entry.line,
        column: entry.column,
        message: `${entry.key} is set at ${before.line}:${before.column} already; the last one would count`,
        hint: 'remove one of the two',
      });
    }
    seen.set(entry.key, entry);
  }
  return { entries, faults };
}
