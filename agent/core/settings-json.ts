/** Reads the settings file with the lines of its keys, so that every problem can say where it is. */

export interface JsonSetting {
  /** Dotted: `source.limits.files`. */
  readonly key: string;
  readonly value: unknown;
  readonly line: number;
}

export interface SettingsFileRead {
  readonly settings: readonly JsonSetting[];
  /** Keys that stand there more than once. */
  readonly repeated: readonly { readonly key: string; readonly lines: readonly number[] }[];
  /** The text is not one JSON object: one sentence, and where. */
  readonly error: { readonly message: string; readonly line: number } | null;
}

/**
 * All leaves of the one JSON object in `text`. An object is a leaf unless `hasKeysBelow` its dotted name, so that
 * a wrong value is reported as it stands there. Dotted names as keys (`"paths.run": "/x"`) mean the same.
 */
export function readSettingsFile(text: string, hasKeysBelow: (key: string) => boolean): SettingsFileRead {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    // JSON.parse names the fault but not dependably its place; the scan finds the place.
    return failure(
      `is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      lineOf(text, error),
    );
  }
  if (!isObject(root)) return failure('expected one JSON object', 1);
  const lines = scanKeys(text);
  const settings: JsonSetting[] = [];
  collect(root, '', hasKeysBelow, (key, value) => {
    settings.push({ key, value, line: lines.get(key)?.at(-1) ?? 1 });
  });
  const repeated = [...lines].flatMap(([key, found]) =>
    found.length > 1 && !isBelowRepeated(key, lines) ? [{ key, lines: found }] : [],
  );
  return { settings, repeated, error: null };
}

/** JSON.parse keeps the last of two equal keys, so what lies below them is not worth a word of its own. */
function isBelowRepeated(key: string, lines: ReadonlyMap<string, readonly number[]>): boolean {
  const parts = key.split('.');
  return parts.some((_, end) => end > 0 && (lines.get(parts.slice(0, end).join('.'))?.length ?? 0) > 1);
}

function failure(message: string, line: number): SettingsFileRead {
  return { settings: [], repeated: [], error: { message, line } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function collect(
  object: Record<string, unknown>,
  prefix: string,
  hasKeysBelow: (key: string) => boolean,
  add: (key: string, value: unknown) => void,
): void {
  for (const [name, value] of Object.entries(object)) {
    const key = prefix + name;
    if (isObject(value) && hasKeysBelow(key)) collect(value, `${key}.`, hasKeysBelow, add);
    else add(key, value);
  }
}

/** V8 says "position N" in some messages, "(line N column M)" in others, and neither at the end of the text. */
function lineOf(text: string, error: unknown): number {
  const position = /position (\d+)/.exec(String(error))?.[1];
  const end = position === undefined ? text.length : Number(position);
  return text.slice(0, end).split('\n').length;
}

/** No setting lies deeper; the name of a key a hundred thousand levels down would be as long. */
const MAX_DEPTH = 4;

/** Dotted name of the keys in well-formed JSON, with the lines on which each stands. */
function scanKeys(text: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const path: string[] = [];
  let line = 1;
  let key = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]|\n/g)) {
    if (token === '{' || token === '[') path.push(key);
    else if (token === '}' || token === ']') path.pop();
    else if (token.endsWith(':') && path.length <= MAX_DEPTH) {
      key = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const name = [...path.slice(1), key].join('.');
      found.set(name, [...(found.get(name) ?? []), line]);
    }
    line += token.split('\n').length - 1;
  }
  return found;
}
