/** From the operator's command line through (a stub of) Run Command and the document's script to the built agent. */
import { describe, expect, inject, it } from 'vitest';
import { createOperatorWorld } from '../support/operator-world.ts';
import { createRig } from '../support/rig.ts';
import { createCtl } from '../support/rig-ctl.ts';
import { runStep } from '../support/ssm-step.ts';
import { startSsmStub } from '../support/ssm-stub.ts';

const FILES = { 'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n' };

async function createGateway(isRegistered = true) {
  const rig = await createRig({ source: 'directory' });
  await rig.sync(FILES);
  rig.start();
  const world = await createOperatorWorld();
  const instance = await world.runInstance();
  const stub = await startSsmStub({
    moto: inject('motoEndpoint'),
    system: world.system,
    registered: isRegistered ? [instance] : [],
    run: ({ kind, values, commandId }) => runStep(rig, { kind, values, commandId }),
  });
  const env = { AWS_ENDPOINT_URL: stub.endpoint };
  await rig.waitForProven();
  const run = (...args: string[]) => world.run(args, env);
  return { rig, world, instance, stub, run };
}

describe('gateway restart', () => {
  it('restarts once and shows the proof', async () => {
    const { rig, world, instance, stub, run } = await createGateway();
    const before = rig.status()?.analytics.pid;
    const ended = await run('gateway', 'restart', world.system, '--reason', 'new driver');
    const after = rig.status();
    expect(ended.stdout.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(`^${instance}  by maria · asked [\\d:]+ · .*down .* · serving [\\d:]+$`),
      ),
      `done: pid ${before} → ${after?.analytics.pid}, release ${after?.effective?.digest.slice(0, 8)}, no query killed`,
      '',
    ]);
    expect(ended.code).toBe(0);
    expect(stub.commands).toHaveLength(1);
    expect(rig.engineStarts()).toHaveLength(2);

    const [command] = stub.commands;
    const again = await run(
      'gateway',
      'restart',
      world.system,
      '--command',
      command?.commandId ?? '',
      '--json',
    );
    expect(JSON.parse(again.stdout)).toMatchObject({
      id: `ssm-${command?.commandId}`,
      outcome: 'done',
      by: 'maria',
      reason: 'new driver',
      pidBefore: before,
      pidAfter: after?.analytics.pid,
      instance,
      command: command?.commandId,
    });
    expect(rig.engineStarts()).toHaveLength(2);
  });

  it('that the gateway refuses ends with its reason', async () => {
    const { rig, world, run } = await createGateway();
    await createCtl(rig).ask('pause', '--json');
    const ended = await run('gateway', 'restart', world.system);
    expect(ended.stdout).toContain('refused: ');
    expect(ended.code).toBe(77);
  });

  it('of an instance that is not registered says so, and what does without', async () => {
    const { world, instance, run } = await createGateway(false);
    const ended = await run('gateway', 'restart', world.system);
    expect(ended.stderr).toBe(
      `gatewayctl: Systems Manager does not know ${instance}. Its SSM agent may be starting, or lacks the rights or the way to reach it; \`gatewayctl gateway restart ${world.system} --ssh\` needs neither.   [75]\n`,
    );
    expect(ended).toMatchObject({ code: 75, stdout: '' });
  });
});

describe('gateway poll', () => {
  it('has the source looked at', async () => {
    const { rig, world, run } = await createGateway();
    const ended = await run('gateway', 'poll', world.system);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('\ndone: ') });
    expect(rig.engineStarts()).toHaveLength(1);
  });
});

it('without its document says who makes it', async () => {
  const world = await createOperatorWorld();
  const instance = await world.runInstance();
  const run = () => Promise.reject(new Error('nothing is to be run'));
  const moto = inject('motoEndpoint');
  const stub = await startSsmStub({ moto, system: 'another', registered: [instance], run });
  const ended = await world.run(['gateway', 'restart', world.system], { AWS_ENDPOINT_URL: stub.endpoint });
  expect(ended.stderr).toBe(
    `gatewayctl: there is no document ${world.system}-gateway-restart in Systems Manager. The stack makes it; or check account and region (-p, -r).   [69]\n`,
  );
  expect(ended.code).toBe(69);
});
