import { Agent, type IncomingMessage, request } from 'node:http';
import { withTimeLimit } from './deadline.ts';

export type HttpAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  /** No complete answer: refused, reset, too late, too large, or no JSON. `reason` is for people. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Covers connecting, headers and body. */
  readonly timeoutMs: number;
}

export interface EngineHttp {
  /** Never rejects. */
  send(options: EngineRequest): Promise<HttpAnswer>;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
};

/**
 * Plain HTTP to the engine's own port on this machine, connections kept alive. A body over `maxBytes` is a
 * failure: the engine's lists are small, and what is not is no engine.
 */
export function createEngineHttp({ url, maxBytes }: { url: string; maxBytes: number }): EngineHttp {
  const base = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 1 });

  const sendWithin = (options: EngineRequest, signal: AbortSignal) =>
    new Promise<HttpAnswer & { readonly isStaleSocket?: boolean }>((resolve) => {
      if (signal.aborted) {
        resolve({ kind: 'failed', reason: 'given up' });
        return;
      }
      const outgoing = request(
        {
          agent,
          signal,
          host: base.hostname,
          port: base.port === '' ? 80 : Number(base.port),
          method: options.method,
          path: options.path,
          headers: {
            accept: 'application/json',
            ...options.headers,
            ...(options.body === undefined ? {} : { 'content-length': Buffer.byteLength(options.body) }),
          },
        },
        (incoming) => {
          readBody(incoming, maxBytes).then(
            (text) => resolve(toAnswer(incoming.statusCode ?? 0, text)),
            (error: unknown) => {
              outgoing.destroy();
              resolve({ kind: 'failed', reason: describeFailure(error, signal, options) });
            },
          );
        },
      );
      outgoing.on('error', (error) => {
        resolve({
          kind: 'failed',
          reason: describeFailure(error, signal, options),
          isStaleSocket: outgoing.reusedSocket && !signal.aborted,
        });
      });
      outgoing.end(options.body);
    });

  const sendOnce = (options: EngineRequest) =>
    withTimeLimit(options.signal, options.timeoutMs, (signal) => sendWithin(options, signal));

  return {
    send: async (options) => {
      const answer = await sendOnce(options);
      // A kept connection may have been closed by the other side a moment ago, or belong to an earlier run.
      if (answer.kind === 'failed' && answer.isStaleSocket === true && options.method === 'GET') {
        return sendOnce(options);
      }
      return answer;
    },
  };
}

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`its answer is over ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toAnswer(status: number, text: string): HttpAnswer {
  if (text.trim() === '' || status >= 300) return { kind: 'answered', status, body: null };
  try {
    return { kind: 'answered', status, body: JSON.parse(text) as unknown };
  } catch {
    // Not an error of ours: something else than an engine may listen here.
    return { kind: 'failed', reason: 'its answer is no JSON' };
  }
}

function describeFailure(error: unknown, signal: AbortSignal, options: EngineRequest): string {
  if (options.signal.aborted) return 'given up';
  if (signal.aborted) return `no complete answer to ${options.path} within ${options.timeoutMs} ms`;
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : REASONS[code]) ?? code ?? message;
}
