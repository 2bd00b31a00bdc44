/** Stands before moto and records every call to AWS as a policy names it: action, resources and context. */
import { createServer, request as forward, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface AwsCall {
  readonly action: string;
  /** All of them must be allowed. */
  readonly resources: readonly string[];
  readonly context: Readonly<Record<string, string>>;
}

export interface CallRecorder {
  readonly url: string;
  readonly calls: readonly AwsCall[];
}

const PREFIXES: Readonly<Record<string, string>> = { tagging: 'tag', monitoring: 'cloudwatch' };
/** moto does not know it. */
const ANSWERED_HERE = 'ssm:PutComplianceItems';

export async function startCallRecorder(target: string): Promise<CallRecorder> {
  const calls: AwsCall[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await readAll(incoming);
    const call = readCall(incoming, body);
    if (call !== null) calls.push(call);
    if (call?.action === ANSWERED_HERE) {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{}');
      return;
    }
    const { hostname, port } = new URL(target);
    const outgoing = forward(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      async (answer) => {
        const bytes = await readAll(answer);
        const { 'transfer-encoding': _chunked, connection: _connection, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, headers).end(bytes);
      },
    );
    outgoing.on('error', () => response.destroy());
    outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function readCall({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): AwsCall | null {
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/u.exec(headers.authorization ?? '');
  const service = scope?.[1];
  if (service === undefined) return null;
  const { pathname, searchParams } = new URL(url, 'http://x');
  if (service === 's3') return readS3Call(method, pathname, searchParams);
  const action = `${PREFIXES[service] ?? service}:${findOperation(headers, pathname, body)}`;
  return { action, ...findResources(action, body) };
}

function readS3Call(method: string, pathname: string, query: URLSearchParams): AwsCall {
  const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  if (key === '') {
    const context = { 's3:prefix': query.get('prefix') ?? '' };
    return { action: 's3:ListBucket', resources: [`arn:aws:s3:::${bucket}`], context };
  }
  const verb = { GET: 'Get', HEAD: 'Get', PUT: 'Put', DELETE: 'Delete' }[method] ?? method;
  return { action: `s3:${verb}Object`, resources: [`arn:aws:s3:::${bucket}/${key}`], context: {} };
}

/** By header, by path or by form: each protocol has its own place. */
function findOperation(headers: IncomingMessage['headers'], pathname: string, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? '';
  const operation = /\/operation\/(\w+)$/u.exec(pathname)?.[1];
  return operation ?? new URLSearchParams(body.toString()).get('Action') ?? 'unknown';
}

function findResources(action: string, body: Buffer): Pick<AwsCall, 'resources' | 'context'> {
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;
  if (action === 'ssm:SendCommand') {
    const { DocumentName, InstanceIds } = JSON.parse(body.toString()) as {
      readonly DocumentName: string;
      readonly InstanceIds: readonly string[];
    };
    const instances = InstanceIds.map((id) => arn('ec2', `instance/${id}`));
    return { resources: [arn('ssm', `document/${DocumentName}`), ...instances], context: {} };
  }
  if (action === 'autoscaling:UpdateAutoScalingGroup') {
    const name = new URLSearchParams(body.toString()).get('AutoScalingGroupName') ?? '';
    return {
      resources: [arn('autoscaling', `autoScalingGroup:some-id:autoScalingGroupName/${name}`)],
      context: {},
    };
  }
  if (action === 'cloudwatch:PutMetricData') {
    const namespace = /DatomicGateway/u.exec(body.toString('latin1'))?.[0] ?? 'unknown';
    return { resources: ['*'], context: { 'cloudwatch:namespace': namespace } };
  }
  return { resources: ['*'], context: {} };
}
