import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export interface KeyPairFiles {
  /** Of the private half. */
  readonly file: string;
  /** The line of the public half. */
  readonly line: string;
}

/** A throw-away key pair by the real ssh-keygen, below `dir`. */
export async function makeKeyPair(dir: string, name: string, ...options: string[]): Promise<KeyPairFiles> {
  const file = path.join(dir, name);
  const kind = options.length === 0 ? ['-t', 'ed25519'] : options;
  await promisify(execFile)('ssh-keygen', ['-q', '-N', '', '-C', `${name}@test`, '-f', file, ...kind]);
  return { file, line: (await readFile(`${file}.pub`, 'utf8')).trim() };
}
