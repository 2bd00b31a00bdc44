import { constants } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentError } from '../core/errors.ts';
import { MAX_MANIFEST_BYTES } from '../core/manifest.ts';
import { MANIFEST_PATH } from '../core/source/path.ts';
import type { ConfigSource, ManifestRead } from '../ports.ts';
import { DeadlineError, withDeadline } from './deadline.ts';
import { findErrno, isGone, makeTag, walkDirectory } from './directory-walk.ts';
import { createDirectoryWatch } from './directory-watch.ts';

const CALL_TIMEOUT_MS = 10_000;
/** No link is followed at the end of the path, and a pipe does not block. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Configuration in a local directory, laid out like an etc directory: for development, and for a bastion that has to
 * do without S3. `group` is the name that its one group goes by. The directory itself may be a link, nothing inside.
 */
export function createDirectoryConfigSource(options: {
  readonly uri: string;
  readonly group: string;
  readonly callTimeoutMs?: number;
}): ConfigSource {
  const { uri, group, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const root = parseFileUri(uri);
  const watcher = createDirectoryWatch();

  const call = async <Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await withDeadline({ timeoutMs: callTimeoutMs, signal, work });
    } catch (error) {
      throw translate(error, root);
    }
  };

  /** The watch of a directory that was not there, or was replaced, begins when the next listing sees it. */
  const followRoot = async () => {
    const { dev, ino, birthtimeNs } = await stat(root, { bigint: true });
    // With the time of birth, since file systems give the number of a deleted directory to the next one.
    watcher.follow(root, `${dev}.${ino}.${birthtimeNs}`);
  };

  return {
    uri,

    list: (signal) =>
      call(signal, async () => {
        await followRoot();
        const objects = await walkDirectory(root, group);
        if (objects === null) {
          throw new AgentError('SOURCE_DENIED', 'directory has too many entries for a source', {
            fields: { root },
          });
        }
        return objects;
      }),

    read: (object, signal) => call(signal, () => readVersion(path.join(root, object.path), object.tag)),

    readManifest: (_group, knownTag, signal) => call(signal, () => readManifest(root, knownTag)),

    async watch(onEvent) {
      watcher.onEvent(onEvent);
      // A directory that is not there, or cannot be read: the first listing that succeeds begins the watch.
      await followRoot().catch(() => undefined);
      return { close: () => watcher.close() };
    },
  };
}

function parseFileUri(uri: string): string {
  try {
    return path.resolve(fileURLToPath(uri));
  } catch (cause) {
    throw new AgentError('SETTINGS_INVALID', 'source uri is no file uri', { fields: { uri }, cause });
  }
}

async function readManifest(root: string, knownTag: string | null): Promise<ManifestRead> {
  const file = path.join(root, MANIFEST_PATH);
  try {
    const found = await lstat(file, { bigint: true });
    const tag = makeTag(found);
    if (tag === knownTag) return { kind: 'unchanged' };
    // Too large or no file: without bytes whoever parses it finds it malformed, and the listing says why.
    const isReadable = found.isFile() && found.size <= BigInt(MAX_MANIFEST_BYTES);
    const bytes = isReadable ? await readVersion(file, tag) : new Uint8Array();
    // Replaced in between: the next look at it sees the new one.
    return bytes === null ? { kind: 'unchanged' } : { kind: 'found', tag, bytes };
  } catch (error) {
    if (!isGone(error)) throw error;
    await stat(root);
    return { kind: 'absent' };
  }
}

/** The bytes of exactly the version that `tag` names; null when it is, or becomes meanwhile, another. */
async function readVersion(file: string, tag: string): Promise<Uint8Array | null> {
  let opened: FileHandle;
  try {
    opened = await open(file, FLAGS);
  } catch (error) {
    // ELOOP: a link took its place.
    if (isGone(error) || findErrno(error) === 'ELOOP') return null;
    throw error;
  }
  try {
    const before = await opened.stat({ bigint: true });
    if (!before.isFile() || makeTag(before) !== tag) return null;
    const buffer = new Uint8Array(Number(before.size));
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await opened.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) return null;
      length += bytesRead;
    }
    return makeTag(await opened.stat({ bigint: true })) === tag ? buffer : null;
  } finally {
    await opened.close();
  }
}

function translate(error: unknown, root: string): AgentError {
  if (error instanceof AgentError) return error;
  const errno = findErrno(error);
  const fields = { root, ...(errno === null ? {} : { reason: errno }) };
  if (isGone(error)) {
    return new AgentError('SOURCE_MISSING', 'source directory does not exist', { fields, cause: error });
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new AgentError('SOURCE_DENIED', 'source directory cannot be read', { fields, cause: error });
  }
  const message =
    error instanceof DeadlineError ? 'source directory did not answer in time' : 'source directory failed';
  return new AgentError('SOURCE_UNREACHABLE', message, { fields, cause: error });
}
