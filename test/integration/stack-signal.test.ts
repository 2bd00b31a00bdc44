import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sendStackSignal } from '../../agent/adapters/stack-signal.ts';

const TARGET = {
  stack: 'arn:aws:cloudformation:eu-west-1:1:stack/gw/1',
  resource: 'BastionAutoScalingGroup',
};

/** Stands in for cloudformation:SignalResource, which moto does not know; answers with this and keeps what it was sent. */
async function startCloudFormationStub(status: number, code: string): Promise<{ bodies: URLSearchParams[] }> {
  const bodies: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      bodies.push(new URLSearchParams(text));
      const result = '<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>';
      const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(
        status === 200
          ? `<SignalResourceResponse>${result}</SignalResourceResponse>`
          : `<ErrorResponse>${error}</ErrorResponse>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.close();
  });
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { bodies };
}

const send = (isSuccess: boolean) =>
  sendStackSignal({
    target: TARGET,
    region: 'eu-west-1',
    instanceId: 'i-0123456789',
    isSuccess,
    signal: new AbortController().signal,
  });

it('tells the stack about its scaling group, under the id of the instance', async () => {
  const stub = await startCloudFormationStub(200, '');
  expect(await send(true)).toBe('sent');
  expect(await send(false)).toBe('sent');
  expect(stub.bodies.map((body) => Object.fromEntries(body))).toEqual(
    ['SUCCESS', 'FAILURE'].map((Status) => ({
      Action: 'SignalResource',
      Version: '2010-05-15',
      StackName: TARGET.stack,
      LogicalResourceId: TARGET.resource,
      UniqueId: 'i-0123456789',
      Status,
    })),
  );
});

it('finds that a stack that is not in the middle of anything does not wait', async () => {
  await startCloudFormationStub(400, 'ValidationError');
  expect(await send(true)).toBe('not-waiting');
});

it('names the permission that it lacks', async () => {
  await startCloudFormationStub(403, 'AccessDenied');
  await expect(send(true)).rejects.toMatchObject({
    code: 'AWS_DENIED',
    fields: { call: 'cloudformation:SignalResource' },
  });
});

it('is told apart from a service that does not answer', async () => {
  await startCloudFormationStub(500, 'InternalFailure');
  await expect(send(true)).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
});
