const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Shows characters that could move the cursor, hide text or forge a line, as `\\u{1b}`; a tab becomes a blank. */
export function printable(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(UNPRINTABLE, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);
}
