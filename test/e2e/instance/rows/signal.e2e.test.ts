import { afterAll, expect, it } from 'vitest';
import { startCloudFormationStub } from '../../../support/cloudformation-stub.ts';
import { disposeInstances } from '../../../support/instance.ts';
import { createGateway } from '../../../support/instance-gateway.ts';
import { startLaunchStub } from '../../../support/instance-stubs.ts';

afterAll(disposeInstances);

const SIGNAL = 'gateway-signal.service';
const TARGET = { stack: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/gateway/1', resource: 'Group' };

/** A new instance of a stack whose user data holds these settings. */
async function launch(settings: unknown | ((known: object) => unknown)) {
  const [metadata, stack] = [await startLaunchStub(), await startCloudFormationStub(200, '')];
  const gateway = await createGateway({
    hasSettings: false,
    metadata: metadata.url,
    dropIns: { [SIGNAL]: [`Environment=AWS_ENDPOINT_URL_CLOUDFORMATION=${stack.url}`] },
  });
  const told = typeof settings === 'function' ? settings(gateway.settings) : settings;
  metadata.answer({ userData: JSON.stringify({ settings: told, signal: TARGET }), isThere: true });
  await gateway.instance.boot();
  await gateway.waitUntil(async () => stack.bodies.length > 0, 'a signal to the stack', 60_000);
  const [body] = stack.bodies;
  return { gateway, said: Object.fromEntries(body ?? []) };
}

it('tells the stack once that the instance works, though its bucket is empty and nothing is served', async () => {
  const { gateway, said } = await launch((known: object) => known);
  expect(said).toMatchObject({
    StackName: TARGET.stack,
    LogicalResourceId: 'Group',
    UniqueId: 'i-0abc',
    Status: 'SUCCESS',
  });
  expect((await gateway.status())?.analytics.serving).toBe(false);
  await gateway.waitUntil(
    async () => (await gateway.instance.show(SIGNAL, 'ActiveState')).ActiveState === 'inactive',
    'the end of the unit',
  );
  await gateway.close();
});

it('tells the stack at once that the instance failed when its user data cannot be used', async () => {
  const { gateway, said } = await launch({ sauce: 1 });
  expect(said).toMatchObject({ Status: 'FAILURE', UniqueId: 'i-0abc' });
  await gateway.waitUntil(
    async () => (await gateway.instance.show(SIGNAL, 'ExecMainStatus')).ExecMainStatus === '69',
    'the end of the unit',
  );
  await gateway.close();
});
