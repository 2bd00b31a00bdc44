import http from 'node:http';
import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import type { CheckResult, TunnelCheck } from '../ports/tunnel.ts';
import { withDeadline } from './deadline.ts';

const HOST = '127.0.0.1';
const MAX_BYTES = 64 * 1024;

/**
 * GETs a URL through a tunnel: over SOCKS with the host name resolved at the far end (`socks5h`), or straight at the
 * forwarded port where the URL names that.
 */
export function createTunnelCheck(options: {
  readonly url: string;
  /** The port of a SOCKS tunnel; null: the URL is the forwarded port itself. */
  readonly socksPort: number | null;
}): TunnelCheck {
  const url = new URL(options.url);
  return {
    async run(timeoutMs, signal) {
      const { socksPort } = options;
      const opened: Socket[] = [];
      const work = async (abort: AbortSignal): Promise<CheckResult> => {
        const socket = socksPort === null ? null : await connectThrough(socksPort, url, timeoutMs);
        if (socket !== null) opened.push(socket);
        return await get(url, socket, abort);
      };
      try {
        return await withDeadline({ timeoutMs, signal, work });
      } catch (error) {
        return judgeError(error);
      } finally {
        for (const socket of opened) socket.destroy();
      }
    },
  };
}

async function connectThrough(port: number, url: URL, timeoutMs: number): Promise<Socket> {
  const { socket } = await SocksClient.createConnection({
    proxy: { host: HOST, port, type: 5 },
    command: 'connect',
    destination: { host: url.hostname, port: Number(url.port || 80) },
    timeout: timeoutMs,
  });
  return socket;
}

function get(url: URL, socket: Socket | null, signal: AbortSignal): Promise<CheckResult> {
  return new Promise((resolve, reject) => {
    // An agent would make connections of its own.
    const through = socket === null ? { agent: false as const } : { createConnection: () => socket };
    const request = http.get(url, { ...through, signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length > MAX_BYTES) response.destroy();
      });
      response.on('error', reject);
      response.on('close', () => resolve({ kind: 'answered', status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject);
  });
}

/**
 * ssh takes each SOCKS connection at once, and closes it when the gateway could not make it: that too is an answer,
 * and all that can be seen of it here.
 */
function judgeError(error: unknown): CheckResult {
  const { code, message } = error as NodeJS.ErrnoException;
  const isClosed = code === 'ECONNRESET' || code === 'EPIPE' || /socket (?:hang up|closed)/i.test(message);
  return isClosed ? { kind: 'refused', reason: 'connection closed' } : { kind: 'silent' };
}
