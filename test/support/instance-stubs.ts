/**
 * Stand-ins of what only an EC2 instance has: instance metadata, and the one call of Systems Manager that moto does
 * not know (it answers 500 to PutComplianceItems).
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

const TOKEN = 'token-of-the-metadata-stub';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Instance metadata, version 2 only: `http://127.0.0.1:PORT` for AWS_EC2_METADATA_SERVICE_ENDPOINT. */
export function startMetadataStub(instance: {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly region: string;
}): Promise<string> {
  const server = createServer((request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') response.end(TOKEN);
    else if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) response.writeHead(401).end();
    else if (request.url === '/latest/dynamic/instance-identity/document') {
      response.end(JSON.stringify(instance));
    } else response.writeHead(404).end();
  });
  return listen(server);
}

export interface LaunchStub {
  readonly url: string;
  /** What it answers from now on; nothing at all while it is not there. */
  answer(launch: { readonly userData: string | null; readonly isThere: boolean }): void;
}

/** Instance metadata of a new instance, user data included. It is not there before the first `answer`. */
export async function startLaunchStub(): Promise<LaunchStub> {
  const document = { instanceId: 'i-0abc', instanceType: 't3.large', region: 'eu-west-1' };
  let launch: { readonly userData: string | null; readonly isThere: boolean } = {
    userData: null,
    isThere: false,
  };
  const server = createServer((request, response) => {
    if (!launch.isThere) request.socket.destroy();
    else if (request.method === 'PUT' && request.url === '/latest/api/token') response.end(TOKEN);
    else if (request.headers['x-aws-ec2-metadata-token'] !== TOKEN) response.writeHead(401).end();
    else if (request.url === '/latest/dynamic/instance-identity/document') {
      response.end(JSON.stringify(document));
    } else if (request.url === '/latest/user-data' && launch.userData !== null) response.end(launch.userData);
    else response.writeHead(404).end();
  });
  return {
    url: await listen(server),
    answer: (next) => {
      launch = next;
    },
  };
}

export interface ComplianceCall {
  readonly ResourceId: string;
  readonly ResourceType: string;
  readonly ComplianceType: string;
  readonly UploadType: string;
  readonly Items: readonly {
    readonly Id: string;
    readonly Severity: string;
    readonly Status: 'COMPLIANT' | 'NON_COMPLIANT';
    readonly Details: Readonly<Record<string, string>>;
  }[];
}

export interface ComplianceStub {
  readonly url: string;
  /** What was accepted, oldest first. */
  readonly calls: readonly ComplianceCall[];
  /** How often it was asked. */
  requests(): number;
  /** Answers with this error from now on; null: accepts. */
  fail(error: { readonly status: number; readonly type: string } | null): void;
}

/** Knows ssm:PutComplianceItems alone, and checks what the service checks of it. */
export async function startComplianceStub(): Promise<ComplianceStub> {
  const calls: ComplianceCall[] = [];
  let error: { readonly status: number; readonly type: string } | null = null;
  let requests = 0;
  const server = createServer((request, response) => {
    void (async () => {
      requests += 1;
      const call = JSON.parse(await readText(request)) as ComplianceCall;
      const problem = error ?? findProblem(request, call);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (problem === null) {
        calls.push(call);
        response.end('{}');
      } else {
        response
          .writeHead(problem.status)
          .end(JSON.stringify({ __type: problem.type, message: 'by script' }));
      }
    })();
  });
  return {
    url: await listen(server),
    calls,
    requests: () => requests,
    fail(next) {
      error = next;
    },
  };
}

function findProblem(request: IncomingMessage, call: ComplianceCall) {
  const isAsked = request.headers['x-amz-target'] === 'AmazonSSM.PutComplianceItems';
  const isValid =
    /^(?:i|mi)-[0-9a-f]+$/.test(call.ResourceId) &&
    call.ResourceType === 'ManagedInstance' &&
    /^Custom:[A-Za-z0-9_-]\w+$/.test(call.ComplianceType) &&
    call.ComplianceType.length <= 100 &&
    call.Items.every(
      ({ Id, Status, Severity, Details }) =>
        Id.length <= 100 &&
        /^(?:NON_)?COMPLIANT$/.test(Status) &&
        /^(?:CRITICAL|HIGH|MEDIUM|LOW|INFORMATIONAL|UNSPECIFIED)$/.test(Severity) &&
        Object.entries(Details).every(([key, value]) => key.length <= 64 && value.length <= 4_096),
    );
  return isAsked && isValid ? null : { status: 400, type: 'ValidationException' };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
