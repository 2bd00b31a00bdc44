import { managedKindOf } from '../managed-path.ts';
import { readEntries } from '../properties/entries.ts';
import type { SourceFile } from '../types.ts';

/** The connectors that the catalogs name. */
export function connectorsOf(etc: readonly SourceFile[]): readonly string[] {
  const named = etc
    .filter(({ path }) => managedKindOf(path) === 'catalog')
    .flatMap(({ bytes }) => readEntries(bytes).get('connector.name') ?? []);
  return [...new Set(named)].toSorted();
}
