/** What an object of the source is, by its path relative to the etc directory. */
export type PathKind =
  | { readonly kind: 'catalog' | 'metaschema' | 'manifest' }
  /** Lies there by right (views, markers of empty folders, droppings of editors): never read nor reported. */
  | { readonly kind: 'ignored' }
  /** Reported and not read. */
  | { readonly kind: 'foreign'; readonly reason: string };

export const MANIFEST_PATH = 'manifest.json';

/** Longest file name in UTF-8 bytes: file systems end at 255, and publishing adds a unique suffix. */
const MAX_NAME_BYTES = 200;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** With the `u` flag this matches only surrogates that stand alone. */
const LONE_SURROGATE = /\p{Cs}/u;
const EDITOR_DROPPING = /(?:~|\.sw[a-z])$|^\.#|^#.*#$|^\.DS_Store$|^4913$/u;
const GROUP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/u;

/** Groups end up in host names and paths, so only plain names count as one. */
export function isGroupName(name: string): boolean {
  return GROUP_NAME.test(name);
}

/** Whether a path is one of the files that a snapshot is made of. */
export function isManaged(path: string): boolean {
  const { kind } = classifyPath(path);
  return kind === 'catalog' || kind === 'metaschema';
}

/** Says what a path is. Hostile paths are foreign, never an error: one odd object must not stop the rest. */
export function classifyPath(path: string): PathKind {
  const hostile = findHostility(path);
  if (hostile !== null) return { kind: 'foreign', reason: hostile };
  if (path === MANIFEST_PATH) return { kind: 'manifest' };
  if (path === '' || path.endsWith('/') || path.startsWith('datomic/views/')) return { kind: 'ignored' };
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  if (EDITOR_DROPPING.test(name)) return { kind: 'ignored' };
  if (segments.length !== 2)
    return { kind: 'foreign', reason: 'lies in no directory that the gateway reads' };
  return classifyFile(segments[0] ?? '', name);
}

function classifyFile(directory: string, name: string): PathKind {
  const suffix = directory === 'catalog' ? '.properties' : directory === 'datomic' ? '.edn' : null;
  if (suffix === null) return { kind: 'foreign', reason: 'lies in no directory that the gateway reads' };
  if (!name.endsWith(suffix)) return { kind: 'foreign', reason: `does not end in ${suffix}` };
  if (name.startsWith('.')) return { kind: 'foreign', reason: 'is a hidden file' };
  if (utf8Length(name) > MAX_NAME_BYTES) {
    return { kind: 'foreign', reason: `has a name longer than ${MAX_NAME_BYTES} bytes` };
  }
  return { kind: directory === 'catalog' ? 'catalog' : 'metaschema' };
}

function findHostility(path: string): string | null {
  if (CONTROL.test(path)) return 'has a control character in its path';
  if (LONE_SURROGATE.test(path)) return 'is not valid Unicode';
  if (path.includes('\\')) return 'has a backslash in its path';
  if (path.startsWith('/')) return 'has an absolute path';
  const segments = path.split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'has . or .. in its path';
  if (segments.slice(0, -1).includes('')) return 'has an empty segment in its path';
  return null;
}

/** Bytes of the text in UTF-8. */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
