import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeJson } from '../core/decode.ts';
import { AgentError } from '../core/errors.ts';
import type { Memory } from '../core/memory.ts';
import { memoryDocument } from '../core/memory-document.ts';
import type { MemoryFile } from '../ports.ts';
import { sweepPartials, writeFileAtomically } from './atomic-file.ts';
import { type FileOperations, fileOperations } from './file-operations.ts';
import { readSignature } from './file-signature.ts';
import { readRegularFile } from './regular-file.ts';

const MAX_BYTES = 16 * 1024 * 1024;
/** Copies of unreadable state that stay for a look; the oldest name is used again after that. */
const MAX_SET_ASIDE = 3;
const MODE = 0o600;

/**
 * The agent's memory as JSON in one file. What cannot be read as memory of this version (damaged, hostile, or
 * written by a newer build) is set aside as `NAME.corrupt-N` and reported, never trusted in part.
 */
export function createMemoryFile(options: {
  readonly path: string;
  readonly operations?: FileOperations;
}): MemoryFile {
  const { path } = options;
  const operations = options.operations ?? fileOperations;
  /** What lies on disk as far as this object knows: its bytes, and how the file looks from outside. */
  let last: { readonly text: string; readonly signature: string } | null = null;

  async function load() {
    await sweepPartials(dirname(path), { of: basename(path), operations });
    if ((await readSignature(path)) === null) return { memory: null, setAside: null };
    const bytes = await readRegularFile(path, MAX_BYTES).catch((error: NodeJS.ErrnoException) => {
      // Made unreadable by somebody with more rights: no better than damaged, and no worse.
      if (error.code === 'EACCES') return null;
      throw error;
    });
    const decoded = bytes === null ? null : decodeJson(memoryDocument, Buffer.from(bytes).toString('utf8'));
    if (decoded?.isValid) return { memory: decoded.value, setAside: null };
    const setAside = await chooseAside(path);
    await operations.rename(path, setAside);
    await operations.syncDirectory(dirname(path));
    return { memory: null, setAside };
  }

  async function save(memory: Memory): Promise<void> {
    const text = `${JSON.stringify(memory, null, 1)}\n`;
    if (last !== null && last.text === text && last.signature === (await readSignature(path))) return;
    last = null;
    await operations.makeDirectories(dirname(path), 0o750);
    await writeFileAtomically({ path, bytes: Buffer.from(text), mode: MODE, operations });
    const signature = await readSignature(path);
    if (signature !== null) last = { text, signature };
  }

  return {
    load: () => translate('cannot read the state', path, load),
    save: (memory) => translate('cannot write the state', path, () => save(memory)),
  };
}

/** The first free name; when all are taken, the one that was written longest ago. */
async function chooseAside(path: string): Promise<string> {
  const taken = new Set(await readdir(dirname(path)));
  const names = Array.from({ length: MAX_SET_ASIDE }, (_, index) => `${basename(path)}.corrupt-${index + 1}`);
  const free = names.find((name) => !taken.has(name));
  if (free !== undefined) return join(dirname(path), free);
  const aged = await Promise.all(
    names.map(async (name) => ({ name, changedAt: (await lstat(join(dirname(path), name))).ctimeMs })),
  );
  const oldest = aged.reduce((a, b) => (b.changedAt < a.changedAt ? b : a));
  return join(dirname(path), oldest.name);
}

async function translate<T>(message: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('STATE_FAILED', message, { fields: { path, errno }, cause: error });
  }
}
