import { createReleaseStore } from '../adapters/release-store.ts';
import { sha256 } from '../adapters/sha256.ts';
import { decodeJson } from '../core/decode.ts';
import type { Layout } from '../core/layout.ts';
import { EMPTY_MEMORY, type Memory } from '../core/memory.ts';
import { memoryDocument } from '../core/memory-document.ts';
import type { Release } from '../core/release.ts';
import type { Digest } from '../core/types.ts';
import { CliError } from './cli-error.ts';

/** What the agent of this machine decided and published, read without changing anything. */
export interface GatewayState {
  readonly memory: Memory;
  /** The release that the intent names. */
  readonly effective: Release | null;
  readonly readRelease: (digest: Digest | null | undefined) => Promise<Release | null>;
}

/** Throws CliError 69 when no agent ever ran here, 77 when its state may not be read. */
export async function readGatewayState(
  layout: Layout,
  readText: (path: string) => string,
): Promise<GatewayState> {
  const text = readMemory(layout.memoryFile, readText);
  const store = createReleaseStore({ dir: layout.storeDir, sha256 });
  const readRelease = async (digest: Digest | null | undefined) =>
    digest === null || digest === undefined ? null : await store.read(digest);
  const intent = await store.readIntent();
  if (text === null && intent === null) {
    const advice = 'Run this on the gateway, or compare two directories with plan DIR --from DIR.';
    throw new CliError(69, `there is no gateway here: no state at ${layout.memoryFile}`, advice);
  }
  const decoded = text === null ? null : decodeJson(memoryDocument, text);
  if (decoded !== null && !decoded.isValid) {
    const advice = 'Use the gatewayctl that came with the agent.';
    throw new CliError(69, `the state at ${layout.memoryFile} cannot be read: ${decoded.problem}`, advice);
  }
  return {
    memory: decoded?.value ?? EMPTY_MEMORY,
    effective: await readRelease(intent?.digest),
    readRelease,
  };
}

function readMemory(path: string, readText: (path: string) => string): string | null {
  try {
    return readText(path);
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? error.code : null;
    if (errno === 'EACCES') {
      throw new CliError(77, `may not read ${path}`, 'Run this as root or as the user of the agent.', error);
    }
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') throw error;
    return null;
  }
}
