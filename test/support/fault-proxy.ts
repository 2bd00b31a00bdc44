/**
 * An HTTP proxy in front of a real S3 server, with faults by script: what a network and a busy S3 do, on demand.
 * It records every request, and calls hooks before and after, so that a test can change objects in mid-read.
 */
import {
  type ClientRequest,
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ProxiedRequest {
  readonly method: string;
  readonly bucket: string;
  /** Empty for requests about the bucket itself, such as listings. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Tells connections apart. */
  readonly clientPort: number;
}

export interface RecordedRequest extends ProxiedRequest {
  /** What the client got; null when it got no answer. */
  status: number | null;
}

export type Fault =
  /** An S3 error document. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** This very answer. */
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** Forwarded, but later: a slow first byte. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Nothing ever comes back. */
  | { readonly kind: 'hang' }
  /** Whole headers, some bytes of the body, then nothing more. */
  | { readonly kind: 'stall-body'; readonly afterBytes: number }
  /** Whole headers, some bytes of the body, then the connection ends. */
  | { readonly kind: 'truncate-body'; readonly afterBytes: number }
  /** The first byte of the body is another. */
  | { readonly kind: 'corrupt-body' }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' };

export interface FaultProxy {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Requests that match meet the fault, `times` times or until `clear`. Faults that were set last come first. */
  fault(matches: (request: ProxiedRequest) => boolean, fault: Fault, times?: number): void;
  clear(): void;
  /** Called with each request before it is forwarded, or after its answer was sent; null for none. */
  before(hook: ((request: ProxiedRequest) => Promise<void>) | null): void;
  after(hook: ((request: ProxiedRequest) => Promise<void>) | null): void;
  /** Connections are refused until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

export const isListing = ({ method, key }: ProxiedRequest) => method === 'GET' && key === '';
export const isGetOf = (suffix: string) => (request: ProxiedRequest) =>
  request.method === 'GET' && request.key !== '' && request.key.endsWith(suffix);

/** Starts a proxy on a port that the kernel chooses. */
export async function createFaultProxy(options: { readonly target: string }): Promise<FaultProxy> {
  const { target } = options;
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const upstream = new Set<ClientRequest>();
  let faults: { matches: (request: ProxiedRequest) => boolean; fault: Fault; left: number }[] = [];
  let before: ((request: ProxiedRequest) => Promise<void>) | null = null;
  let after: ((request: ProxiedRequest) => Promise<void>) | null = null;

  const findFault = (request: ProxiedRequest): Fault | null => {
    const found = faults.findLast(({ matches, left }) => left > 0 && matches(request));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  };

  const send = (record: RecordedRequest, response: ServerResponse, status: number, body: string) => {
    record.status = status;
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(body);
  };

  const pass = async (
    incoming: IncomingMessage,
    response: ServerResponse,
    record: RecordedRequest,
    fault: Fault | null,
  ) => {
    await before?.(record);
    const url = new URL(incoming.url ?? '/', target);
    const outgoing = forward(url, { method: record.method, headers: incoming.headers });
    upstream.add(outgoing);
    outgoing.on('error', () => response.destroy());
    outgoing.on('response', (answer) => {
      const status = answer.statusCode ?? 502;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        upstream.delete(outgoing);
        record.status = status;
        reply(response, answer, status, Buffer.concat(chunks), fault);
        void after?.(record);
      });
    });
    incoming.pipe(outgoing);
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const record = { ...parse(incoming, target), status: null };
    requests.push(record);
    const fault = findFault(record);
    if (fault?.kind === 'reset') incoming.socket.resetAndDestroy();
    else if (fault?.kind === 'answer') send(record, response, fault.status, fault.body);
    else if (fault?.kind === 'status') send(record, response, fault.status, makeErrorDocument(fault.code));
    else if (fault?.kind === 'delay') {
      const timer = setTimeout(() => {
        timers.delete(timer);
        void pass(incoming, response, record, null);
      }, fault.ms);
      timers.add(timer);
    } else if (fault?.kind !== 'hang') await pass(incoming, response, record, fault);
  };

  const server = createServer((incoming, response) => void serve(incoming, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    fault(matches, fault, times = Number.POSITIVE_INFINITY) {
      faults.push({ matches, fault, left: times });
    },
    clear() {
      faults = [];
    },
    before(hook) {
      before = hook;
    },
    after(hook) {
      after = hook;
    },
    refuse: stop,
    accept: () => listen(port),
    async close() {
      for (const timer of timers) clearTimeout(timer);
      for (const outgoing of upstream) outgoing.destroy();
      if (server.listening) await stop();
    },
  };
}

function parse(incoming: IncomingMessage, target: string): ProxiedRequest {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', target);
  const [bucket = '', ...key] = pathname.slice(1).split('/').map(decodeURIComponent);
  return {
    method: incoming.method ?? 'GET',
    bucket,
    key: key.join('/'),
    query: searchParams,
    headers: incoming.headers,
    clientPort: incoming.socket.remotePort ?? 0,
  };
}

function reply(
  response: ServerResponse,
  answer: IncomingMessage,
  status: number,
  body: Buffer,
  fault: Fault | null,
) {
  const { 'transfer-encoding': _chunked, connection: _connection, ...headers } = answer.headers;
  const hasBody = body.length > 0 || status === 200;
  response.writeHead(status, hasBody ? { ...headers, 'content-length': String(body.length) } : headers);
  if (fault?.kind === 'stall-body') response.write(body.subarray(0, fault.afterBytes));
  else if (fault?.kind === 'truncate-body') {
    response.write(body.subarray(0, fault.afterBytes), () => response.destroy());
  } else if (fault?.kind === 'corrupt-body') {
    response.end(Buffer.concat([Buffer.from([(body[0] ?? 0) ^ 1]), body.subarray(1)]));
  } else response.end(body);
}

function makeErrorDocument(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>by script</Message><RequestId>1</RequestId></Error>`;
}
