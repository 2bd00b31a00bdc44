import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';

export interface MotoServer {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Where `aws` and the server's own programs lie. */
  readonly pythonBin: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const ADDRESS = /Running on (http:\/\/127\.0\.0\.1:\d+)/;

/** Starts moto's server, with a whole AWS in memory, on a port that the kernel chooses. */
export async function startMoto(): Promise<MotoServer> {
  const script = path.join(import.meta.dirname, '..', 'tools', 'setup-python.sh');
  const { stdout } = await promisify(execFile)(script, ['--print-bin']);
  const pythonBin = stdout.trim();
  const child = spawn(path.join(pythonBin, 'moto_server'), ['-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  const endpoint = await readAddress(child);
  return {
    endpoint,
    pythonBin,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The server says where it listens; after that its log of requests is read and dropped. */
function readAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let isFound = false;
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`moto did not start within ${START_TIMEOUT_MS} ms: ${text}`));
    }, START_TIMEOUT_MS);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      if (!isFound) reject(new Error(`moto ended with ${code}: ${text}`));
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (isFound) return;
      text += chunk.toString();
      const address = ADDRESS.exec(text)?.[1];
      if (address === undefined) return;
      isFound = true;
      clearTimeout(timer);
      resolve(address);
    });
  });
}
