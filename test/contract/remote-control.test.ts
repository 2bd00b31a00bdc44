import { randomUUID } from 'node:crypto';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
} from '@aws-sdk/client-auto-scaling';
import { beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createOperatorAws } from '../../agent/adapters/operator-aws.ts';
import type { OperatorAws } from '../../agent/ports/operators.ts';
import { startSsmStub } from '../support/ssm-stub.ts';

const { signal } = new AbortController();
const REGION = 'eu-west-1';

function open(endpoint: string): OperatorAws {
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  return createOperatorAws({ profile: null, region: REGION, env: process.env });
}

describe('scaling groups', () => {
  let client: AutoScalingClient;
  let aws: OperatorAws;
  beforeAll(async () => {
    aws = open(inject('motoEndpoint'));
    client = new AutoScalingClient({ region: REGION, endpoint: inject('motoEndpoint') });
    await client.send(
      new CreateLaunchConfigurationCommand({
        LaunchConfigurationName: 'contract',
        ImageId: 'ami-12c6146b',
        InstanceType: 't3.small',
      }),
    );
  });
  const make = async (name: string, key: string, value: string) => {
    await client.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        LaunchConfigurationName: 'contract',
        MinSize: 0,
        MaxSize: 1,
        DesiredCapacity: 0,
        AvailabilityZones: [`${REGION}a`],
        Tags: [{ ResourceId: name, Key: key, Value: value, PropagateAtLaunch: true }],
      }),
    );
  };

  it('are found by the value of a tag, whatever its key, on every page', async () => {
    const system = `system-${randomUUID()}`;
    const names = Array.from({ length: 55 }, (_, index) => `${system}-${String(index).padStart(2, '0')}`);
    for (const [index, name] of names.entries())
      await make(name, index === 0 ? 'aws:x' : 'Name', `${system}-bastion`);
    await make(`${system}-other`, 'Name', `${system}2-bastion`);
    expect(await aws.groups.find(system, signal)).toEqual(names);
    expect(await aws.groups.find('unheard-of', signal)).toEqual([]);
  });

  it('go to one instance and back to none, and the most that they may have stays', async () => {
    const name = `group-${randomUUID()}`;
    await make(name, 'Name', 'contract');
    await aws.groups.resize(name, 1, signal);
    expect(await aws.groups.look(name, signal)).toMatchObject({
      minimum: 1,
      maximum: 1,
      desired: 1,
      instances: [{ id: expect.stringMatching(/^i-/), lifecycle: 'InService' }],
    });
    await aws.groups.resize(name, 0, signal);
    expect(await aws.groups.look(name, signal)).toMatchObject({
      minimum: 0,
      maximum: 1,
      desired: 0,
      instances: [],
    });
    expect(await aws.groups.look('unheard-of', signal)).toBeNull();
  });
});

describe('commands', () => {
  it('are sent with their parameters and seen until they end', async () => {
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const stub = await startSsmStub({
      moto: inject('motoEndpoint'),
      system: 'acme',
      registered: ['i-0abc'],
      run: async () => {
        await finished;
        return { exitCode: 3, stdout: 'out', stderr: 'err' };
      },
    });
    const aws = open(stub.endpoint);
    const command = { instance: 'i-0abc', parameters: { by: 'maria' }, comment: 'x'.repeat(200) };
    const id = await aws.commands.send({ ...command, document: 'acme-gateway-poll' }, signal);
    expect(stub.commands).toMatchObject([{ kind: 'poll', values: { by: 'maria', reason: '' } }]);
    expect(await aws.commands.look(id, 'i-0abc', signal)).toMatchObject({
      status: 'InProgress',
      exitCode: -1,
    });
    expect(await aws.commands.look(id, 'i-0def', signal)).toBeNull();
    finish();
    await expect
      .poll(() => aws.commands.look(id, 'i-0abc', signal), { timeout: 10_000 })
      .toEqual({ status: 'Failed', exitCode: 3, stdout: 'out', stderr: 'err' });

    await expect(aws.commands.send({ ...command, document: 'other' }, signal)).rejects.toMatchObject({
      code: 'OPERATOR_MISSING',
      fields: { call: 'ssm:SendCommand', resource: 'other' },
    });
    const away = { ...command, document: 'acme-gateway-poll', instance: 'i-0def' };
    await expect(aws.commands.send(away, signal)).rejects.toMatchObject({
      code: 'OPERATOR_REFUSED',
      fields: { reason: 'InvalidInstanceId' },
    });
  });
});
