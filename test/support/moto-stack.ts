/** The stack's template on moto's CloudFormation. */
import { readFile } from 'node:fs/promises';
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import { STACK_TEMPLATE } from './stack-template.ts';

export type Parameters = Readonly<Record<string, string>>;

export async function createMotoStack(endpoint: string) {
  const config = { endpoint, region: 'eu-west-1', maxAttempts: 1 };
  const formation = new CloudFormationClient(config);
  const ec2 = new EC2Client(config);
  const scaling = new AutoScalingClient(config);

  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const vpc = Subnets[0]?.VpcId ?? '';
  const subnets = Subnets.filter(({ VpcId }) => VpcId === vpc).map(({ SubnetId }) => SubnetId);
  /** What a stack needs, but for the system. */
  const base = {
    Bucket: 'a-bucket',
    Vpc: vpc,
    Subnets: subnets.slice(0, 2).join(','),
    ImageX86: Images[0]?.ImageId ?? '',
    ImageArm: Images[1]?.ImageId ?? '',
  };

  const request = async (StackName: string, parameters: Parameters) => ({
    StackName,
    TemplateBody: await readFile(STACK_TEMPLATE, 'utf8'),
    Capabilities: ['CAPABILITY_IAM' as const],
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  });

  return {
    base,
    /** A stack of the system's name. */
    create: async (system: string, more: Parameters = {}) =>
      await formation.send(
        new CreateStackCommand(await request(system, { ...base, System: system, ...more })),
      ),
    update: async (system: string, more: Parameters = {}) =>
      await formation.send(
        new UpdateStackCommand(await request(system, { ...base, System: system, ...more })),
      ),
    async outputs(system: string): Promise<Record<string, string | undefined>> {
      const { Stacks = [] } = await formation.send(new DescribeStacksCommand({ StackName: system }));
      return Object.fromEntries((Stacks[0]?.Outputs ?? []).map((each) => [each.OutputKey, each.OutputValue]));
    },
    /** Logical ids of what was made, sorted; moto lists what it passed over without an id of its own. */
    async made(system: string): Promise<(string | undefined)[]> {
      const { StackResources = [] } = await formation.send(
        new DescribeStackResourcesCommand({ StackName: system }),
      );
      const made = StackResources.filter(({ PhysicalResourceId }) => PhysicalResourceId !== undefined);
      return made.map(({ LogicalResourceId }) => LogicalResourceId).sort();
    },
    /** By the tag that the original CLI looks for. */
    async instances(system: string): Promise<Instance[]> {
      const Filters = [
        { Name: 'tag:Name', Values: [`${system}-bastion`] },
        { Name: 'instance-state-name', Values: ['running'] },
      ];
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap(({ Instances = [] }) => Instances);
    },
    async group(system: string): Promise<AutoScalingGroup | undefined> {
      const { AutoScalingGroups = [] } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
      return AutoScalingGroups.find(({ Tags = [] }) =>
        Tags.some(({ Value }) => Value === `${system}-bastion`),
      );
    },
    async launchVersions(LaunchTemplateId: string | undefined): Promise<unknown[]> {
      const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId });
      const { LaunchTemplateVersions = [] } = await ec2.send(command);
      return LaunchTemplateVersions.map(({ LaunchTemplateData: data }) => [
        data?.InstanceType,
        data?.ImageId,
      ]);
    },
    /** Port and range of each rule. */
    async inbound(system: string): Promise<unknown[]> {
      const Filters = [{ Name: 'group-name', Values: [`${system}-bastion`] }];
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      const rules = SecurityGroups.flatMap(({ IpPermissions = [] }) => IpPermissions);
      return rules.map(({ FromPort, IpRanges = [] }) => [FromPort, IpRanges[0]?.CidrIp]);
    },
    /** As the original gateway has it. */
    takeName: (system: string) =>
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: `${system}-bastion`,
          Description: 'the original',
          VpcId: vpc,
        }),
      ),
  };
}
