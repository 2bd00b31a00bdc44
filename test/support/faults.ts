/** What a network, a proxy on the way and a busy or broken S3 do to one request. */
import type { IncomingMessage, ServerResponse } from 'node:http';

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

export interface Scripted {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Serve = (request: ProxiedRequest) => Promise<Scripted>;

export type Fault =
  /** An S3 error document. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** This very answer. */
  | ({ readonly kind: 'answer' } & Scripted)
  /** Whatever this makes of the request. */
  | { readonly kind: 'serve'; readonly serve: Serve }
  /** Forwarded without its conditions: a server that knows none gives what it has. */
  | { readonly kind: 'unconditional' }
  /** Forwarded; then this makes another body of the one that came. */
  | { readonly kind: 'rewrite'; readonly edit: (body: string, request: ProxiedRequest) => string }
  /** Forwarded; these headers come over the server's own. An empty text takes one away. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> }
  /** Blanks without end, with the server's own headers or with a status of its own. */
  | { readonly kind: 'endless-body'; readonly status?: number; readonly contentLength?: number }
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

const BLANKS = Buffer.alloc(256 * 1024, ' ');

/** Answers without asking the server. */
export function replyByScript(response: ServerResponse, { status, body, headers }: Scripted): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers });
  response.end(body);
}

/** Answers with what the server said, as the fault wants it. */
export function reply(
  response: ServerResponse,
  answer: IncomingMessage,
  body: Buffer,
  { fault, request }: { readonly fault: Fault | null; readonly request: ProxiedRequest },
): void {
  const status = answer.statusCode ?? 502;
  const { 'transfer-encoding': _chunked, connection: _connection, ...headers } = answer.headers;
  if (fault?.kind === 'endless-body') {
    replyWithoutEnd(response, headers, fault);
    return;
  }
  const sent = fault?.kind === 'rewrite' ? Buffer.from(fault.edit(body.toString('utf8'), request)) : body;
  if (fault?.kind === 'headers') Object.assign(headers, fault.headers);
  for (const name of Object.keys(headers)) if (headers[name] === '') delete headers[name];
  const hasBody = sent.length > 0 || status === 200;
  response.writeHead(status, hasBody ? { ...headers, 'content-length': String(sent.length) } : headers);
  if (fault?.kind === 'stall-body') response.write(sent.subarray(0, fault.afterBytes));
  else if (fault?.kind === 'truncate-body') {
    response.write(sent.subarray(0, fault.afterBytes), () => response.destroy());
  } else if (fault?.kind === 'corrupt-body') {
    response.end(Buffer.concat([Buffer.from([(sent[0] ?? 0) ^ 1]), sent.subarray(1)]));
  } else response.end(sent);
}

function replyWithoutEnd(
  response: ServerResponse,
  { 'content-length': _length, ...headers }: IncomingMessage['headers'],
  { status = 200, contentLength }: { readonly status?: number; readonly contentLength?: number },
): void {
  const length = contentLength === undefined ? {} : { 'content-length': String(contentLength) };
  response.writeHead(status, { ...headers, ...length });
  const write = () => {
    while (!response.destroyed && response.write(BLANKS));
  };
  response.on('drain', write);
  // The client has had enough.
  response.on('error', () => response.destroy());
  write();
}

export function makeErrorDocument(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>by script</Message><RequestId>1</RequestId></Error>`;
}
