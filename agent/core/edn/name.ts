export interface NameParts {
  readonly isKeyword: boolean;
  readonly namespace: string | null;
  readonly name: string;
}

const COLON = 0x3a;
const SLASH = 0x2f;
const NEXT_LINE = '\u0085';

const canBegin = (unit: number) => unit !== SLASH && !(unit >= 0x30 && unit <= 0x39);

/**
 * Takes a token for a keyword or a symbol as `clojure.edn` does, or gives null. The rule in words: an optional
 * colon, an optional namespace up to the last slash, a name; neither part begins with a digit (the first one of a
 * keyword may), the name is `/` or has no slash, no part ends with a colon, `::` stands nowhere.
 */
export function parseName(token: string): NameParts | null {
  const isKeyword = token.charCodeAt(0) === COLON;
  const split = (isKeyword ? splitAt(token, 1) : null) ?? splitAt(token, 0);
  if (split === null) return null;
  const { namespaceEnd, nameStart } = split;
  if (token.startsWith(':/', namespaceEnd - 2) && namespaceEnd - 2 >= split.start) return null;
  if (token.charCodeAt(token.length - 1) === COLON && nameStart < token.length) return null;
  if (token.includes('::')) return null;
  const body = isKeyword ? token.slice(1) : token;
  // The value is split at the first slash, although the rule above looks at the last one.
  const slash = body.indexOf('/');
  return slash === -1 || body === '/'
    ? { isKeyword, namespace: null, name: body }
    : { isKeyword, namespace: body.slice(0, slash), name: body.slice(slash + 1) };
}

interface Split {
  readonly start: number;
  /** After the slash that ends the namespace; equal to `start` where there is none. */
  readonly namespaceEnd: number;
  readonly nameStart: number;
}

function splitAt(token: string, start: number): Split | null {
  if (start >= token.length) return null;
  const last = token.length - 1;
  const isSlashName = token.charCodeAt(last) === SLASH;
  const slash = isSlashName ? last - 1 : token.lastIndexOf('/');
  if (isSlashName && last === start) return { start, namespaceEnd: start, nameStart: last };
  if (slash < start || token.charCodeAt(slash) !== SLASH) {
    return !isSlashName && canBegin(token.charCodeAt(start))
      ? { start, namespaceEnd: start, nameStart: start }
      : null;
  }
  const nameStart = slash + 1;
  if (slash === start || !canBegin(token.charCodeAt(start))) return null;
  if (!isSlashName && !canBegin(token.charCodeAt(nameStart))) return null;
  // Java's dot does not match the next-line character, so a namespace has none after its first character.
  const nextLine = token.indexOf(NEXT_LINE, start + 1);
  if (nextLine !== -1 && nextLine < slash) return null;
  return { start, namespaceEnd: nameStart, nameStart };
}
