import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Errors of a path that is not there, or not an ordinary file: a link, a socket, a directory half way. */
const NOT_A_FILE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'EMLINK']);

/**
 * The bytes of an ordinary file of at most `maxBytes`; null when there is none: nothing there, a link (its last
 * component is never followed), a device, a pipe, a directory, or more bytes. Never blocks on a pipe. Rejects
 * with Node's own error where the disk or a permission is to blame.
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Uint8Array | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (NOT_A_FILE.has(error.code ?? '')) return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxBytes) return null;
    // One byte more than expected: a file that grows meanwhile is noticed instead of read for ever.
    const buffer = Buffer.alloc(stat.size + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length > stat.size ? null : new Uint8Array(buffer.buffer, buffer.byteOffset, length);
  } finally {
    await file.close();
  }
}
