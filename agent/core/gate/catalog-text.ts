import type { PropertiesReading, PropertyEntry } from '../properties/read.ts';
import { readProperties } from '../properties/read.ts';
import type { IssueLog } from './issue-log.ts';

const MARK = [0xef, 0xbb, 0xbf];
/** A lead byte and its continuation bytes in UTF-8, each read as one character of ISO-8859-1. */
const UTF8_SEQUENCE = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/;

/** A catalog as Java reads it, but for a byte order mark; null when there is no sense in reading it. */
export function decodeCatalog(bytes: Uint8Array, log: IssueLog): PropertiesReading | null {
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    log.add(
      'PROPERTIES_NUL',
      readProperties(bytes).locate(nul),
      'a NUL character stands here',
      'save the file as ASCII, not UTF-16',
    );
    return null;
  }
  const hasMark = MARK.every((byte, index) => bytes[index] === byte);
  if (hasMark) {
    const message = 'the file begins with a byte order mark, which Java takes for a part of the first key';
    log.add('PROPERTIES_BYTE_ORDER_MARK', { line: 1, column: 1 }, message, 'save it without BOM');
  }
  const reading = readProperties(hasMark ? bytes.subarray(MARK.length) : bytes);
  for (const entry of reading.entries) checkLetters(entry, log);
  return reading;
}

/** Characters that an editor wrote in UTF-8 are two or more to Java. Escapes such as `\u00e9` are fine. */
function checkLetters(entry: PropertyEntry, log: IssueLog): void {
  if (!UTF8_SEQUENCE.test(entry.value) && !UTF8_SEQUENCE.test(entry.key)) return;
  const message = 'this line has characters in UTF-8; Java reads ISO-8859-1 and sees others';
  log.add('PROPERTIES_NOT_LATIN1', entry, message, 'write them as \\uXXXX');
}
