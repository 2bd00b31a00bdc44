import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { parseListeners } from '../core/listening.ts';
import type { LocalPorts, PortProblem } from '../ports/tunnel.ts';
import { runCommand } from './run-command.ts';

const HOST = '127.0.0.1';

/** Asks the kernel by listening for a moment, then looks who is in the way. */
export function createLocalPorts(): LocalPorts {
  return {
    async findProblem(port) {
      const errno = await tryToListen(port);
      if (errno === null) return null;
      if (errno !== 'EADDRINUSE') return { kind: 'denied' };
      return { kind: 'taken', ...((await findInProc(port)) ?? (await askLsof(port)) ?? NOBODY) };
    },
  };
}

type Owner = Pick<Extract<PortProblem, { kind: 'taken' }>, 'pid' | 'name'>;
const NOBODY: Owner = { pid: null, name: null };

function tryToListen(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Linux: the socket's inode, then the process that holds it. Null where it does not tell, or not to this user. */
async function findInProc(port: number): Promise<Owner | null> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readOrEmpty));
  const inodes = tables
    .flatMap(parseListeners)
    .flatMap((listener) => (listener.port === port ? listener.inode : []));
  if (inodes.length === 0) return null;
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const entries = await readdir('/proc').catch(() => []);
  for (const pid of entries.filter((entry) => /^\d+$/.test(entry)).map(Number)) {
    // Gone since it was listed, or not ours to look at.
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(
      descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
    );
    if (links.some((link) => wanted.has(link))) {
      return { pid, name: (await readOrEmpty(`/proc/${pid}/comm`)).trim() || null };
    }
  }
  return null;
}

const readOrEmpty = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

/** Elsewhere: `lsof` prints `p812` and `cssh`, a line each. */
async function askLsof(port: number): Promise<Owner | null> {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  // Not installed, or too slow: the port is taken all the same.
  const answer = await runCommand('lsof', args).catch(() => null);
  const pid = /^p(\d+)$/m.exec(answer?.stdout ?? '')?.[1];
  if (pid === undefined) return null;
  return { pid: Number(pid), name: /^c(.+)$/m.exec(answer?.stdout ?? '')?.[1] ?? null };
}
