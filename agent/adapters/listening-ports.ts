import { readFile } from 'node:fs/promises';
import { type Listener, parseListeners } from '../core/listening.ts';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;

/** All listening TCP sockets of this network namespace; null where the kernel does not tell. */
export async function readListeners(): Promise<readonly Listener[] | null> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'utf8').catch(() => null)));
  const known = tables.filter((table) => table !== null);
  return known.length === 0 ? null : known.flatMap(parseListeners);
}
