import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import type { GatewayInstance, GatewayInstances } from '../ports/operators.ts';
import { callAws, type OperatorConfig } from './operator-config.ts';

/** Gateways by their tag `Name`. Needs `ec2:DescribeInstances`. */
export function createGatewayInstances(config: OperatorConfig): GatewayInstances {
  const client = new EC2Client(config);
  return {
    find: (system, signal) =>
      callAws({ call: 'ec2:DescribeInstances' }, signal, async (abortSignal) => {
        const found: GatewayInstance[] = [];
        let token: string | undefined;
        do {
          const command: DescribeInstancesCommand = new DescribeInstancesCommand({
            Filters: [
              { Name: 'tag:Name', Values: [`${system}-bastion`] },
              { Name: 'instance-state-name', Values: ['pending', 'running'] },
            ],
            ...(token === undefined ? {} : { NextToken: token }),
          });
          const answer = await client.send(command, { abortSignal });
          const instances = (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
          found.push(...instances.flatMap((instance) => readInstance(instance) ?? []));
          token = answer.NextToken;
        } while (token !== undefined && token !== '');
        return found.sort((a, b) => b.launchedAt - a.launchedAt);
      }),
  };
}

function readInstance(instance: Instance): GatewayInstance | null {
  const { InstanceId: id, State, LaunchTime, PublicIpAddress, PrivateIpAddress, Placement } = instance;
  const state = State?.Name;
  if (id === undefined || (state !== 'pending' && state !== 'running')) return null;
  return {
    id,
    state,
    type: instance.InstanceType ?? null,
    zone: Placement?.AvailabilityZone ?? null,
    publicIp: PublicIpAddress ?? null,
    privateIp: PrivateIpAddress ?? null,
    launchedAt: LaunchTime?.getTime() ?? 0,
  };
}
