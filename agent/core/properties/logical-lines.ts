/** A character of a logical line, and where it stood. */
export interface PlacedCharacter {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const isBlank = (character: string): boolean => character === ' ' || character === '\t' || character === '\f';

/**
 * Splits the text as `java.util.Properties.LineReader` does: comments and blank lines gone, a line that ends in an
 * odd number of backslashes joined with the next, whose leading blanks are dropped. Line ends are CR, LF or CRLF.
 */
export function readLogicalLines(text: string): readonly (readonly PlacedCharacter[])[] {
  const lines: (readonly PlacedCharacter[])[] = [];
  let current: PlacedCharacter[] = [];
  let skipsBlanks = true;
  let isComment = false;
  let isContinued = false;
  let hasBackslash = false;
  let line = 1;
  let lineStart = 0;

  const begin = () => {
    current = [];
    skipsBlanks = true;
    isComment = false;
    isContinued = false;
    hasBackslash = false;
  };
  const end = () => {
    if (!isComment && current.length > 0) lines.push(current);
    begin();
  };

  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const isLineEnd = character === '\n' || character === '\r';
    if (isLineEnd) {
      if (character === '\r' && text.charAt(index + 1) === '\n') index += 1;
      if (!isComment && hasBackslash) {
        // The backslash joined the lines; it is no part of either.
        current.pop();
        hasBackslash = false;
        skipsBlanks = true;
        isContinued = true;
      } else {
        end();
      }
      line += 1;
      lineStart = index + 1;
      continue;
    }
    if (skipsBlanks && isBlank(character)) continue;
    skipsBlanks = false;
    if (current.length === 0 && !isContinued && (character === '#' || character === '!')) isComment = true;
    isContinued = false;
    if (isComment) continue;
    hasBackslash = character === '\\' ? !hasBackslash : false;
    current.push({ text: character, line, column: index - lineStart + 1 });
  }
  // A backslash at the end of the file joins with nothing.
  if (!isComment && hasBackslash) current.pop();
  end();
  return lines;
}
