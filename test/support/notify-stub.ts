import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { makeScratch } from './scratch.ts';

export interface NotifyStub {
  /** For NOTIFY_SOCKET. */
  readonly socket: string;
  /** What came: one `VAR=VALUE` each, oldest first, with the time of its arrival. */
  readonly messages: readonly { readonly at: number; readonly text: string }[];
}

/** Where there is no systemd, its program has a stand-in. */
function findNotifyProgram(): void {
  const directories = (process.env.PATH ?? '').split(path.delimiter);
  if (directories.some((directory) => existsSync(path.join(directory, 'systemd-notify')))) return;
  process.env.PATH = [path.join(import.meta.dirname, 'stand-in-bin'), ...directories].join(path.delimiter);
}

/** A stub of systemd's notification socket. Python, since Node cannot open datagram sockets in the file system. */
export async function startNotifyStub(): Promise<NotifyStub> {
  findNotifyProgram();
  const socket = path.join(await makeScratch(), 'notify');
  const script = path.join(import.meta.dirname, 'notify-socket.py');
  const child: ChildProcess = spawn('python3', [script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const messages: { at: number; text: string }[] = [];
  let rest = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the notification stub ended with ${code}`)));
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const text = JSON.parse(line) as string;
        if (text === 'ready') resolve();
        else messages.push(...text.split('\n').map((one) => ({ at: Date.now(), text: one })));
      }
    });
  });
  return { socket, messages };
}
