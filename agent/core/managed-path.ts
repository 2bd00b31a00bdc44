/** What a path of the etc directory is for; null for what the agent neither reads, reports nor removes. */
export type ManagedKind = 'catalog' | 'metaschema' | 'engine';

/** The engine's own files: rendered, never from the source. */
export const ENGINE_FILES = ['config.properties', 'jvm.config', 'node.properties'] as const;

const CATALOG = /^catalog\/[^/.\0][^/\0]*\.properties$/;
const METASCHEMA = /^datomic\/[^/.\0][^/\0]*\.edn$/;

/** The kind of a path relative to the etc directory. Names that begin with a dot belong to editors and tools. */
export function managedKindOf(path: string): ManagedKind | null {
  if (CATALOG.test(path)) return 'catalog';
  if (METASCHEMA.test(path)) return 'metaschema';
  return (ENGINE_FILES as readonly string[]).includes(path) ? 'engine' : null;
}

/** Mode of a file in the live etc, the store and the started copy: catalogs can hold secrets, so none is public. */
export const FILE_MODE = 0o640;
