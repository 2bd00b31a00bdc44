import { readProperties } from '../properties/read.ts';
import type { SourceFile } from '../types.ts';

/**
 * Where the fault of a refused catalog lies: the catalog, and its file with the line of the property that the
 * engine's message names. `catalogs` are those that the engine was loading; of several it is the one that has that
 * property. Null when none of their files is there.
 */
export function findBlame(
  catalogs: readonly string[],
  message: string,
  files: readonly SourceFile[],
): { readonly catalog: string; readonly place: string } | null {
  const candidates = catalogs.flatMap((catalog) => {
    const path = `catalog/${catalog}.properties`;
    const file = files.find((one) => one.path === path);
    return file === undefined ? [] : [{ catalog, path, line: findLine(file.bytes, message) }];
  });
  const found = candidates.find(({ line }) => line !== null) ?? candidates[0];
  if (found === undefined || (found.line === null && candidates.length > 1)) return null;
  const { catalog, path, line } = found;
  return { catalog, place: line === null ? path : `${path}:${line}` };
}

function findLine(bytes: Uint8Array, message: string): number | null {
  const { entries } = readProperties(bytes);
  const named = entries
    .filter(({ key, value }) =>
      key === 'connector.name' ? message.includes(`'${value}'`) : mentions(message, key),
    )
    // Of two keys, one of which begins with the other, the message means the longer one.
    .toSorted((a, b) => b.key.length - a.key.length);
  return named[0]?.line ?? null;
}

function mentions(message: string, key: string): boolean {
  const at = message.indexOf(key);
  const isBoundary = (character: string | undefined) =>
    character === undefined || !/[A-Za-z0-9_-]/.test(character);
  return key !== '' && at >= 0 && isBoundary(message[at - 1]) && isBoundary(message[at + key.length]);
}
