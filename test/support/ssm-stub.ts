/**
 * Stub of two calls, SendCommand and GetCommandInvocation: moto records a command and runs nothing. What the service
 * would look at (the document, its parameters) is looked at here; the document is run by whoever starts the stub.
 * Everything else goes on to moto.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { chooseValues, readDocument } from './ssm-document.ts';
import type { StepRun } from './ssm-step.ts';

export interface StubbedCommand {
  readonly kind: 'restart' | 'poll';
  readonly instance: string;
  readonly values: Readonly<Record<string, string>>;
  readonly commandId: string;
}

export interface SsmStub {
  readonly endpoint: string;
  readonly commands: readonly StubbedCommand[];
}

export async function startSsmStub(options: {
  readonly moto: string;
  readonly system: string;
  /** Instances whose agent is registered. */
  readonly registered: readonly string[];
  readonly run: (command: StubbedCommand) => Promise<StepRun>;
}): Promise<SsmStub> {
  const commands: StubbedCommand[] = [];
  const ended = new Map<string, StepRun>();

  const send = (body: SendBody): Answer => {
    const name = new RegExp(`^${options.system}-gateway-(restart|poll)$`).exec(body.DocumentName)?.[1];
    if (name === undefined) return refuse('InvalidDocument', 'Document with this name does not exist.');
    const [instance = ''] = body.InstanceIds;
    if (!options.registered.includes(instance)) {
      return refuse('InvalidInstanceId', `Instances [[${instance}]] not in a valid state for account`);
    }
    const kind = name as StubbedCommand['kind'];
    const given = Object.entries(body.Parameters).map(([key, [value = '']]) => [key, value]);
    let values: Record<string, string>;
    try {
      values = chooseValues(readDocument(kind), Object.fromEntries(given));
    } catch (error) {
      return refuse('InvalidParameters', String(error));
    }
    const command = { kind, instance, values, commandId: randomUUID() };
    commands.push(command);
    void options.run(command).then((run) => ended.set(command.commandId, run));
    return { status: 200, body: { Command: { CommandId: command.commandId, Status: 'Pending' } } };
  };

  const look = (body: LookBody): Answer => {
    const command = commands.find(({ commandId }) => commandId === body.CommandId);
    if (command === undefined || command.instance !== body.InstanceId) {
      return refuse('InvocationDoesNotExist', 'no such invocation');
    }
    const run = ended.get(command.commandId);
    const status = run === undefined ? 'InProgress' : run.exitCode === 0 ? 'Success' : 'Failed';
    return {
      status: 200,
      body: {
        CommandId: command.commandId,
        InstanceId: command.instance,
        Status: status,
        StatusDetails: status,
        ResponseCode: run?.exitCode ?? -1,
        // What the service keeps of an output.
        StandardOutputContent: run?.stdout.slice(0, 24_000) ?? '',
        StandardErrorContent: run?.stderr.slice(0, 8_000) ?? '',
      },
    };
  };

  const server = createServer((request, response) => {
    void readBody(request).then(async (bytes) => {
      const target = request.headers['x-amz-target'];
      if (target === 'AmazonSSM.SendCommand') reply(response, send(JSON.parse(bytes.toString()) as SendBody));
      else if (target === 'AmazonSSM.GetCommandInvocation') {
        reply(response, look(JSON.parse(bytes.toString()) as LookBody));
      } else await pass(options.moto, { request, response, bytes });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, commands };
}

interface SendBody {
  readonly DocumentName: string;
  readonly InstanceIds: readonly string[];
  readonly Parameters: Readonly<Record<string, readonly string[]>>;
}

interface LookBody {
  readonly CommandId: string;
  readonly InstanceId: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const refuse = (type: string, message: string): Answer => ({ status: 400, body: { __type: type, message } });

function reply(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function pass(
  moto: string,
  call: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly bytes: Buffer },
): Promise<void> {
  const { request, response, bytes } = call;
  const { method = 'GET', url = '/', headers } = request;
  const { host: _host, connection: _connection, 'content-length': _length, ...kept } = headers;
  const answer = await fetch(`${moto}${url}`, {
    method,
    headers: kept as Record<string, string>,
    ...(bytes.length === 0 ? {} : { body: new Uint8Array(bytes) }),
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}
