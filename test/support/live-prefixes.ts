import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { managedKindOf } from '../../agent/core/managed-path.ts';
import type { Release } from '../../agent/core/release.ts';

/** The live etc as one text: every managed file with its content, so that two states compare at a glance. */
export async function readLiveState(dir: string): Promise<string> {
  const inDirectory = async (directory: string) =>
    (await readdir(join(dir, directory)).catch(() => [])).map((name) => join(directory, name));
  const paths = (await Promise.all(['', 'catalog', 'datomic'].map(inDirectory))).flat();
  const managed = paths.filter((path) => managedKindOf(path) !== null).toSorted();
  const files = await Promise.all(
    managed.map(async (path) => [path, await readFile(join(dir, path), 'latin1')]),
  );
  return JSON.stringify(files);
}

/**
 * Every state that a reader may see while the live etc goes from one release to the other, by the documented
 * order: additions and changes in path order, then deletions in path order.
 */
export function listPrefixes(from: Pick<Release, 'etc'> | null, to: Pick<Release, 'etc'>): readonly string[] {
  const state = new Map((from?.etc ?? []).map((file) => [file.path, latin1(file.bytes)]));
  const wanted = new Map(to.etc.map((file) => [file.path, latin1(file.bytes)]));
  const changes = [...wanted].filter(([path, content]) => state.get(path) !== content);
  const deletions = [...state.keys()].filter((path) => !wanted.has(path));

  const describe = () => JSON.stringify([...state].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const prefixes = [describe()];
  for (const [path, content] of changes.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    state.set(path, content);
    prefixes.push(describe());
  }
  for (const path of deletions.toSorted()) {
    state.delete(path);
    prefixes.push(describe());
  }
  return prefixes;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
