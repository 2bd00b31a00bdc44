import { expect, it, onTestFinished, vi } from 'vitest';
import { sendStackSignal } from '../../agent/adapters/stack-signal.ts';
import { startCloudFormationStub } from '../support/cloudformation-stub.ts';

const TARGET = {
  stack: 'arn:aws:cloudformation:eu-west-1:1:stack/gw/1',
  resource: 'BastionAutoScalingGroup',
};

async function stub(status: number, code: string) {
  const started = await startCloudFormationStub(status, code);
  vi.stubEnv('AWS_ENDPOINT_URL', started.url);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return started;
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
  const { bodies } = await stub(200, '');
  expect(await send(true)).toBe('sent');
  expect(await send(false)).toBe('sent');
  expect(bodies.map((body) => Object.fromEntries(body))).toEqual(
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
  await stub(400, 'ValidationError');
  expect(await send(true)).toBe('not-waiting');
});

it('names the permission that it lacks', async () => {
  await stub(403, 'AccessDenied');
  await expect(send(true)).rejects.toMatchObject({
    code: 'AWS_DENIED',
    fields: { call: 'cloudformation:SignalResource' },
  });
});

it('is told apart from a service that does not answer', async () => {
  await stub(500, 'InternalFailure');
  await expect(send(true)).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' });
});
