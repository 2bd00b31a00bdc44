/**
 * Reads JSON that may be damaged or hostile into typed data, field by field. What comes out holds exactly the
 * fields that were asked for; everything else is dropped.
 */
export type Decoder<T> = (value: unknown, path: string) => T;

export type Decoded<T> =
  | { readonly isValid: true; readonly value: T }
  | { readonly isValid: false; readonly problem: string };

class DecodeProblem extends Error {}

/** Runs a decoder; a mismatch is a value: one sentence with path, expected and found. */
export function decode<T>(decoder: Decoder<T>, value: unknown): Decoded<T> {
  try {
    return { isValid: true, value: decoder(value, '') };
  } catch (error) {
    if (error instanceof DecodeProblem) return { isValid: false, problem: error.message };
    throw error;
  }
}

/** As `decode`, from text. */
export function decodeJson<T>(decoder: Decoder<T>, text: string): Decoded<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which can hold secrets.
    return { isValid: false, problem: 'expected JSON, found something else' };
  }
  return decode(decoder, value);
}

export const text: Decoder<string> = (value, path) =>
  typeof value === 'string' ? value : mismatch(path, 'a string', value);

/** A string of at most so many UTF-16 units. */
export function textUpTo(maxLength: number): Decoder<string> {
  return (value, path) => {
    const found = text(value, path);
    return found.length <= maxLength
      ? found
      : mismatch(path, `at most ${maxLength} characters`, found.length);
  };
}

/** A string taken for one of the branded kinds. */
export function branded<T extends string>(): Decoder<T> {
  return (value, path) => text(value, path) as T;
}

/** sha256 in hex, as one of the branded kinds. */
export function hexDigest<T extends string>(): Decoder<T> {
  return (value, path) =>
    typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
      ? (value as T)
      : mismatch(path, 'a sha256 in hex', value);
}

export const flag: Decoder<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : mismatch(path, 'true or false', value);

/** Finite; JSON knows no other, but `1e999` parses to one that is not. */
export const finite: Decoder<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : mismatch(path, 'a number', value);

/** A whole number from 0. */
export const count: Decoder<number> = (value, path) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : mismatch(path, 'a whole number', value);

export function oneOf<const T extends string | number>(...allowed: readonly T[]): Decoder<T> {
  return (value, path) =>
    allowed.find((item) => item === value) ?? mismatch(path, `one of ${allowed.join(', ')}`, value);
}

export function nullable<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null ? null : decoder(value, path));
}

/** A field that may be missing in a document written by an earlier build. */
export function withDefault<T>(decoder: Decoder<T>, fallback: T): Decoder<T> {
  return (value, path) => (value === undefined ? fallback : decoder(value, path));
}

export function listOf<T>(decoder: Decoder<T>, maxItems = 10_000): Decoder<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return mismatch(path, 'a list', value);
    if (value.length > maxItems) return mismatch(path, `at most ${maxItems} items`, value.length);
    return value.map((item, index) => decoder(item, `${path}[${index}]`));
  };
}

export function recordOf<T>(decoder: Decoder<T>, maxItems = 10_000): Decoder<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = Object.entries(plainObject(value, path));
    if (entries.length > maxItems) return mismatch(path, `at most ${maxItems} entries`, entries.length);
    return Object.fromEntries(entries.map(([key, item]) => [key, decoder(item, `${path}.${key}`)]));
  };
}

/** An object with these fields, each by its decoder. */
export function shape<T extends object>(fields: { readonly [K in keyof T]-?: Decoder<T[K]> }): Decoder<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, path) => {
    const found = plainObject(value, path);
    const read = (name: keyof T & string): unknown => (Object.hasOwn(found, name) ? found[name] : undefined);
    return Object.fromEntries(
      names.map((name) => [name, fields[name](read(name), path === '' ? name : `${path}.${name}`)]),
    ) as T;
  };
}

function plainObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return mismatch(path, 'an object', value);
  }
  return value as Record<string, unknown>;
}

/** Never quotes a string: state and releases hold catalogs, and catalogs hold secrets. */
function mismatch(path: string, expected: string, found: unknown): never {
  const what =
    found === null || typeof found === 'number' || typeof found === 'boolean'
      ? String(found)
      : Array.isArray(found)
        ? 'a list'
        : found === undefined
          ? 'nothing'
          : typeof found;
  throw new DecodeProblem(`${path === '' ? 'document' : path}: expected ${expected}, found ${what}`);
}
