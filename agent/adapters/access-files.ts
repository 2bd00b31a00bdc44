import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AgentError } from '../core/errors.ts';
import { hostKeyOf, privateKeyOf } from '../core/system-keys.ts';
import { accessFileNames, readKnownHosts, readPrivateKey } from '../core/tunnel/access-text.ts';
import type { AccessKeys } from '../ports/tunnel.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** Keeps a system's access key and known_hosts line in `~/.ssh`, under the names of the original CLI. */
export function createAccessFiles(options: {
  readonly system: string;
  /** As given on the command line. */
  readonly region: string | null;
  readonly home: string | undefined;
  /** The text of an object of the bucket; null when there is none. */
  readonly read: (key: string, signal: AbortSignal) => Promise<string | null>;
}): AccessKeys {
  const { system, read } = options;
  const directory = path.join(options.home || os.homedir(), '.ssh');
  const names = accessFileNames(system, options.region);
  const files = {
    keyFile: path.join(directory, names.keyFile),
    hostKeyFile: path.join(directory, names.hostKeyFile),
  };
  return {
    files,
    async refresh(signal) {
      const keys = [privateKeyOf(system), hostKeyOf(system)] as const;
      const [key, hostKey] = await Promise.all(keys.map((name) => read(name, signal)));
      if (key === null) return { unusable: `there is no access key at ${keys[0]}` };
      if (hostKey === null) return { unusable: `the gateway has put no host key at ${keys[1]}` };
      const [keyText, hostKeyText] = [readPrivateKey(key ?? ''), readKnownHosts(hostKey ?? '')];
      if (keyText === null) return { unusable: `${keys[0]} is no private key` };
      if (hostKeyText === null) return { unusable: `${keys[1]} is no known_hosts line` };
      await write(directory, [
        [files.keyFile, keyText],
        [files.hostKeyFile, hostKeyText],
      ]);
      return files;
    },
  };
}

async function write(directory: string, texts: readonly (readonly [string, string])[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [file, text] of texts) {
      await writeFileAtomically({ path: file, bytes: Buffer.from(text), mode: 0o600 });
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AgentError('KEYS_UNWRITABLE', 'cannot store the keys', {
      fields: { path: directory, reason },
      cause: error,
    });
  }
}
