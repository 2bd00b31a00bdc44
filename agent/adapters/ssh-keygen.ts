import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { keyOfLine } from '../core/access-key.ts';
import { AgentError } from '../core/errors.ts';
import type { KeyMaker } from '../ports/keys.ts';
import { runCommand } from './run-command.ts';

/**
 * The system's own ssh-keygen: it reads every kind of key that ssh reads. A private key lies on disk only in a
 * directory that nobody else may enter, and only while the program works on it.
 */
export function createKeyMaker(program = 'ssh-keygen'): KeyMaker {
  const run = async (args: readonly string[]) => {
    try {
      return await runCommand(program, args);
    } catch (cause) {
      throw new AgentError('KEYGEN_FAILED', 'ssh-keygen cannot be run', { cause });
    }
  };
  return {
    make: () =>
      inPrivate(async (file) => {
        const { status, stderr } = await run(['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
        const publicKey = status === 0 ? keyOfLine(await readFile(`${file}.pub`, 'utf8')) : null;
        if (publicKey === null) {
          throw new AgentError('KEYGEN_FAILED', 'ssh-keygen made no key', {
            fields: { reason: stderr.trim() },
          });
        }
        return { privateKey: await readFile(file, 'utf8'), publicKey };
      }),

    derive: (privateKey) =>
      inPrivate(async (file) => {
        await writeFile(file, privateKey.endsWith('\n') ? privateKey : `${privateKey}\n`, { mode: 0o600 });
        // With an empty passphrase it fails instead of asking.
        const { status, stdout } = await run(['-y', '-P', '', '-f', file]);
        return status === 0 ? keyOfLine(stdout) : null;
      }),
  };
}

async function inPrivate<T>(work: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'gatewayctl-key-'));
  try {
    return await work(path.join(directory, 'key'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
