import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeTagsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { ScalingGroups } from '../ports/remote-control.ts';
import { callAws, type OperatorConfig } from './operator-config.ts';

/**
 * Scaling groups by the value of a tag, as the original CLI finds them. Needs `autoscaling:DescribeTags`,
 * `autoscaling:DescribeAutoScalingGroups` and `autoscaling:UpdateAutoScalingGroup`.
 */
export function createScalingGroups(config: OperatorConfig): ScalingGroups {
  const client = new AutoScalingClient(config);
  return {
    find: (system, signal) =>
      callAws({ call: 'autoscaling:DescribeTags' }, signal, async (abortSignal) => {
        const value = `${system}-bastion`;
        const found = new Set<string>();
        let token: string | undefined;
        do {
          const command: DescribeTagsCommand = new DescribeTagsCommand({
            Filters: [{ Name: 'value', Values: [value] }],
            ...(token === undefined ? {} : { NextToken: token }),
          });
          const answer = await client.send(command, { abortSignal });
          for (const { ResourceId, Value } of answer.Tags ?? []) {
            if (Value === value && ResourceId !== undefined) found.add(ResourceId);
          }
          token = answer.NextToken;
        } while (token !== undefined && token !== '');
        return [...found].sort();
      }),
    look: (group, signal) =>
      callAws(
        { call: 'autoscaling:DescribeAutoScalingGroups', resource: group },
        signal,
        async (abortSignal) => {
          const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
          const { AutoScalingGroups = [] } = await client.send(command, { abortSignal });
          const [found] = AutoScalingGroups;
          if (found === undefined) return null;
          return {
            minimum: found.MinSize ?? 0,
            maximum: found.MaxSize ?? 0,
            desired: found.DesiredCapacity ?? 0,
            instances: (found.Instances ?? []).map(({ InstanceId = '', LifecycleState = '' }) => ({
              id: InstanceId,
              lifecycle: LifecycleState,
            })),
          };
        },
      ),
    resize: (group, size, signal) =>
      callAws(
        { call: 'autoscaling:UpdateAutoScalingGroup', resource: group },
        signal,
        async (abortSignal) => {
          const command = new UpdateAutoScalingGroupCommand({
            AutoScalingGroupName: group,
            MinSize: size,
            DesiredCapacity: size,
          });
          await client.send(command, { abortSignal });
        },
      ),
  };
}
