import { CODES } from '../../agent/core/gate/codes.ts';

export const CODES_HEADER = '| code | severity | meaning | example | remedy |';

/** An example as a reader sees it: on one line, nothing invisible. */
function showExample(text: string): string {
  const visible = text
    .replaceAll('\n', ' ⏎ ')
    .replaceAll('\0', '␀')
    .replace(
      /[\p{Cf}\ufeff]/gu,
      (character) => `<U+${character.codePointAt(0)?.toString(16).toUpperCase()}>`,
    );
  return `\`${visible.replaceAll('|', '\\|')}\``;
}

/** The page of codes, cell by cell. */
export const CODES_ROWS: readonly (readonly string[])[] = Object.entries(CODES).map(
  ([code, { severity, meaning, example, remedy }]) => [
    `\`${code}\``,
    severity,
    meaning,
    showExample(example),
    remedy,
  ],
);
