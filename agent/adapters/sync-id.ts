import { randomUUID } from 'node:crypto';

/** A name that no other sync has. */
export function createSyncId(): string {
  return randomUUID();
}
