import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { AgentError } from '../core/errors.ts';

export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** By path, e.g. `/healthz`. A page that throws is a 500, without its reason. */
export type Pages = Readonly<Record<string, () => Promise<Page>>>;

export interface HttpServer {
  /** Where it listens: `port` is the kernel's choice when 0 was asked for. Rejects with LISTEN_FAILED. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  close(): Promise<void>;
}

/** Enough for a few scrapers and a person; the next ones are turned away at once. */
const MAX_CONNECTIONS = 32;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Without progress in either direction, so also for a client that does not read its answer. */
const SOCKET_TIMEOUT_MS = 15_000;
const CHECK_MS = 1_000;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_REQUESTS_PER_SOCKET = 100;
const TEXT = 'text/plain; charset=utf-8';

/**
 * Read-only pages over HTTP. Made for loopback: names that a browser could be made to resolve to it (DNS rebinding)
 * are refused, bodies are not taken, and slow clients or too many of them cost nothing but their own connection.
 */
export function createHttpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly pages: Pages;
}): HttpServer {
  const { host, port, pages } = options;
  let server: Server | null = null;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const page = await choosePage(request);
    // What was not read of the request would be taken for the next one.
    const isWhole = request.headers['content-length'] === undefined && !hasBody(request);
    response.writeHead(page.status, {
      'content-type': page.contentType,
      'content-length': Buffer.byteLength(page.body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(page.status === 405 ? { allow: 'GET, HEAD' } : {}),
      ...(isWhole && page.status < 400 ? {} : { connection: 'close' }),
    });
    response.end(request.method === 'HEAD' ? undefined : page.body);
  };

  const choosePage = async (request: IncomingMessage): Promise<Page> => {
    if (!isOurHost(request.headers.host, host)) return plain(403, 'ask by address or as localhost');
    if (hasBody(request)) return plain(413, 'bodies are not taken');
    const path = (request.url ?? '').split('?')[0] ?? '';
    const make = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (make === undefined) return plain(404, `here are ${Object.keys(pages).join(' ')}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET and HEAD');
    try {
      return await make();
    } catch {
      // Whoever asks is told nothing of the inside; the same fault shows in the log of the cycle.
      return plain(500, 'cannot be answered');
    }
  };

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        const made = createServer(
          {
            headersTimeout: HEADERS_TIMEOUT_MS,
            requestTimeout: REQUEST_TIMEOUT_MS,
            connectionsCheckingInterval: CHECK_MS,
            keepAliveTimeout: HEADERS_TIMEOUT_MS,
            maxHeaderSize: MAX_HEADER_BYTES,
          },
          (request, response) => void answer(request, response),
        );
        made.maxConnections = MAX_CONNECTIONS;
        made.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
        made.timeout = SOCKET_TIMEOUT_MS;
        made.once('error', (error: NodeJS.ErrnoException) => {
          const fields = { host, port, errno: error.code ?? 'unknown' };
          reject(new AgentError('LISTEN_FAILED', 'cannot listen', { fields, cause: error }));
        });
        made.listen(port, host, () => {
          server = made;
          // The pages are no reason to stay.
          made.unref();
          // A client's fault, such as a malformed request, is answered by Node and is none of ours.
          made.on('error', () => undefined);
          resolve({ host, port: (made.address() as AddressInfo).port });
        });
      }),
    close: async () => {
      const open = server;
      server = null;
      if (open === null) return;
      const closed = new Promise<void>((resolve) => open.close(() => resolve()));
      open.closeAllConnections();
      await closed;
    },
  };
}

/** An address cannot be rebound, and neither can `localhost` or the very name that is listened on. */
function isOurHost(header: string | undefined, listening: string): boolean {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/@\s]+))(?::\d{1,5})?$/.exec(header ?? '');
  const name = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  return name === 'localhost' || name === listening.toLowerCase() || isIP(name) !== 0;
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function plain(status: number, text: string): Page {
  return { status, contentType: TEXT, body: `${text}\n` };
}
