import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentError } from '../core/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** Settings hold no secret, and people who may not change them should see them. */
const MODE = 0o644;

/** The text of a settings file; null when it is not there. Rejects with STATE_FAILED. */
export async function readSettingsText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw failed('cannot read the settings file', path, error);
  }
}

/** Replaces it durably. Rejects with STATE_FAILED; then the old one is intact. */
export async function writeSettingsText(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFileAtomically({ path, bytes: new TextEncoder().encode(text), mode: MODE });
  } catch (error) {
    throw failed('cannot write the settings file', path, error);
  }
}

function failed(message: string, path: string, error: unknown): AgentError {
  const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return new AgentError('STATE_FAILED', message, { fields: { path, errno }, cause: error });
}
