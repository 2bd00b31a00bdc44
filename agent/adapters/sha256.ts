import { createHash } from 'node:crypto';

/** sha256 in lower-case hex, of bytes or of a string's UTF-8. */
export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
