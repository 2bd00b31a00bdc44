import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

export type SpoolFile =
  | { readonly kind: 'absent' }
  /** `why` completes the sentence "the request …". */
  | { readonly kind: 'unfit'; readonly why: string }
  | { readonly kind: 'found'; readonly text: string };

const unfit = (why: string): SpoolFile => ({ kind: 'unfit', why });

/** What `open` says of things that are no ordinary file, or not ours to read. */
const UNFIT: Readonly<Record<string, string>> = {
  ELOOP: 'is a link',
  EMLINK: 'is a link',
  ENXIO: 'is a socket or a pipe',
  EACCES: 'cannot be read by the user of the agent: its mode must allow it',
  EPERM: 'cannot be read by the user of the agent: its mode must allow it',
};

/**
 * Reads what somebody dropped. Follows no link, waits for no pipe, reads no more than `maxBytes`; looks at owner,
 * kind and size of what it opened, so nothing can be exchanged in between. Rejects with Node's own error where the
 * disk is to blame.
 */
export async function readSpoolFile(options: {
  readonly path: string;
  readonly maxBytes: number;
  readonly isTrustedOwner: (uid: number) => boolean;
}): Promise<SpoolFile> {
  const { path, maxBytes, isTrustedOwner } = options;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const opened = await open(path, flags).catch((error: NodeJS.ErrnoException): SpoolFile => {
    if (error.code === 'ENOENT') return { kind: 'absent' };
    const why = UNFIT[error.code ?? ''];
    if (why !== undefined) return unfit(why);
    throw error;
  });
  if ('kind' in opened) return opened;
  try {
    const stat = await opened.stat();
    if (!stat.isFile()) return unfit('is no ordinary file');
    if (!isTrustedOwner(stat.uid)) {
      return unfit(`is owned by user ${stat.uid}, who may not ask: file it as root or as the agent's user`);
    }
    if (stat.size > maxBytes) return unfit(`is larger than ${maxBytes} bytes`);
    // One byte more: a file that grows meanwhile is noticed instead of read for ever.
    const buffer = Buffer.alloc(stat.size + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await opened.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > stat.size) return unfit('was changed while it was read: drop it by rename');
    return { kind: 'found', text: buffer.toString('utf8', 0, length) };
  } finally {
    await opened.close();
  }
}
