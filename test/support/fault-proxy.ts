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
import {
  type Fault,
  makeErrorDocument,
  type ProxiedRequest,
  reply,
  replyByScript,
  type Serve,
} from './faults.ts';

export type { Fault, ProxiedRequest } from './faults.ts';

export interface RecordedRequest extends ProxiedRequest {
  /** What the client got; null when it got no answer. */
  status: number | null;
}

export interface FaultProxy {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Requests that match meet the fault, `times` times or until `clear`. Faults that were set last come first. */
  fault(matches: (request: ProxiedRequest) => boolean, fault: Fault, times?: number): void;
  clear(): void;
  /** Asked before those for each request; null for a decider: nobody decides. */
  decide(decider: ((request: ProxiedRequest) => Promise<Fault | null>) | null): void;
  /** Called with each request before it is forwarded, or after its answer was sent; null for none. */
  before(hook: ((request: ProxiedRequest) => Promise<void>) | null): void;
  after(hook: ((request: ProxiedRequest) => Promise<void>) | null): void;
  /** Listings are cut into pages of at most so many objects; null for the server's own size. */
  pageSize(objects: number | null): void;
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
  let pageSize: number | null = null;
  let decider: ((request: ProxiedRequest) => Promise<Fault | null>) | null = null;
  let faults: { matches: (request: ProxiedRequest) => boolean; fault: Fault; left: number }[] = [];
  let before: ((request: ProxiedRequest) => Promise<void>) | null = null;
  let after: ((request: ProxiedRequest) => Promise<void>) | null = null;

  const findFault = (request: ProxiedRequest): Fault | null => {
    const found = faults.findLast(({ matches, left }) => left > 0 && matches(request));
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault;
  };

  const pass = async (
    incoming: IncomingMessage,
    response: ServerResponse,
    record: RecordedRequest,
    fault: Fault | null,
  ) => {
    await before?.(record);
    const url = new URL(incoming.url ?? '/', target);
    if (pageSize !== null && isListing(record)) url.searchParams.set('max-keys', String(pageSize));
    const { 'if-match': condition, ...headers } = incoming.headers;
    if (condition !== undefined && fault?.kind !== 'unconditional') headers['if-match'] = condition;
    const outgoing = forward(url, { method: record.method, headers });
    upstream.add(outgoing);
    outgoing.on('error', () => response.destroy());
    outgoing.on('response', (answer) => {
      const status = answer.statusCode ?? 502;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        upstream.delete(outgoing);
        record.status = status;
        reply(response, answer, Buffer.concat(chunks), { fault, request: record });
        void after?.(record);
      });
    });
    incoming.pipe(outgoing);
  };

  const serveBy = async (work: Serve, record: RecordedRequest, response: ServerResponse) => {
    try {
      const made = await work(record);
      record.status = made.status;
      replyByScript(response, made);
    } catch {
      // The test ended, and its server with it: the client sees a connection that ends.
      response.destroy();
    }
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse) => {
    const record: RecordedRequest = { ...parse(incoming, target), status: null };
    requests.push(record);
    const fault = (await decider?.(record)) ?? findFault(record);
    if (fault?.kind === 'reset') incoming.socket.resetAndDestroy();
    else if (fault?.kind === 'answer' || fault?.kind === 'status') {
      record.status = fault.status;
      const isScripted = fault.kind === 'answer';
      replyByScript(response, isScripted ? fault : { ...fault, body: makeErrorDocument(fault.code) });
    } else if (fault?.kind === 'serve') await serveBy(fault.serve, record, response);
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
    decide(next) {
      decider = next;
    },
    before(hook) {
      before = hook;
    },
    after(hook) {
      after = hook;
    },
    pageSize(objects) {
      pageSize = objects;
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
