import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { makeScratch } from '../support/scratch.ts';
import { readStackTemplate, STACK_TEMPLATE } from '../support/stack-template.ts';

interface Outcome {
  readonly code: number;
  readonly output: string;
}

const bin = inject('pythonBin');

/** Types of resources that moto passes over in silence. */
const UNKNOWN_TYPES = ['AWS::CloudWatch::Alarm'];

/** What moto's CloudFormation does not do: seen by nobody before the stack runs on AWS. */
const NOT_SHOWN = [
  'signals: moto completes a scaling group without one, so neither time-out nor rollback is seen',
  'rolling updates: moto leaves running machines and the version of the launch template as they were',
  'rules: moto does not evaluate them; the unit test compares their lists with the table of types',
  'permissions: moto allows every call; the policies are compared with the calls that are made',
  `${UNKNOWN_TYPES.join(', ')}: moto makes none`,
];

const run = (program: string, args: readonly string[]) =>
  new Promise<Outcome>((resolve) => {
    const env = {
      ...process.env,
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: inject('motoEndpoint'),
      AWS_MAX_ATTEMPTS: '1',
    };
    execFile(path.join(bin, program), args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });

async function aws(...args: string[]): Promise<unknown> {
  const { code, output } = await run('aws', [...args, '--output', 'json']);
  if (code !== 0) throw new Error(output);
  return output.trim() === '' ? null : JSON.parse(output);
}

const toArguments = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([key, value]) => `ParameterKey=${key},ParameterValue=${value}`);

const change = (
  kind: 'create-stack' | 'update-stack',
  name: string,
  values: Readonly<Record<string, string>>,
) =>
  aws(
    'cloudformation',
    kind,
    ...[
      '--stack-name',
      name,
      '--template-body',
      `file://${STACK_TEMPLATE}`,
      '--capabilities',
      'CAPABILITY_IAM',
    ],
    '--parameters',
    ...toArguments(values),
  );

describe('the template', () => {
  it('has nothing that cfn-lint knows to be wrong', async () => {
    expect(await run('cfn-lint', [STACK_TEMPLATE])).toEqual({ code: 0, output: '' });
  });

  it('would be found out by cfn-lint', async () => {
    const broken = path.join(await makeScratch(), 'broken.yaml');
    const text = await readFile(STACK_TEMPLATE, 'utf8');
    await writeFile(broken, text.replace('HealthCheckType: EC2', 'HealthCheckKind: EC2'));
    const { code, output } = await run('cfn-lint', [broken]);
    expect(code).not.toBe(0);
    expect(output).toContain('HealthCheckKind');
  });
});

describe('the stack on moto', () => {
  let base: Record<string, string>;

  beforeAll(async () => {
    console.info(`not shown on moto:\n${NOT_SHOWN.map((line) => `  ${line}`).join('\n')}`);
    const [Vpc] = (await aws('ec2', 'describe-vpcs', '--query', 'Vpcs[].VpcId')) as string[];
    const subnets = (await aws('ec2', 'describe-subnets', '--query', 'Subnets[].SubnetId')) as string[];
    const images = (await aws('ec2', 'describe-images', '--query', 'Images[].ImageId')) as string[];
    base = {
      Bucket: 'a-bucket',
      Vpc: Vpc ?? '',
      Subnets: `${subnets[0]}\\,${subnets[1]}`,
      ImageX86: images[0] ?? '',
      ImageArm: images[1] ?? '',
    };
  });

  const groupOf = async (system: string) => {
    const query = `AutoScalingGroups[?Tags[?Value=='${system}-bastion']]|[0]`;
    return (await aws('autoscaling', 'describe-auto-scaling-groups', '--query', query)) as {
      MinSize: number;
      DesiredCapacity: number;
      LaunchTemplate: { LaunchTemplateId: string };
    };
  };

  it('starts one machine that the original CLI finds by its tags, with a public address and no open port', async () => {
    await change('create-stack', 'created', { ...base, System: 'created' });
    const filters = ['Name=tag:Name,Values=created-bastion', 'Name=instance-state-name,Values=running'];
    const instances = (await aws(
      'ec2',
      'describe-instances',
      '--filters',
      ...filters,
      '--query',
      'Reservations[].Instances[].[ImageId,PublicIpAddress]',
    )) as string[][];
    expect(instances).toEqual([[base.ImageX86, expect.stringMatching(/^\d+[.]/)]]);
    const inbound = await aws(
      'ec2',
      'describe-security-groups',
      '--filters',
      'Name=group-name,Values=created-bastion',
      '--query',
      'SecurityGroups[].IpPermissions[]',
    );
    expect(inbound).toEqual([]);
  });

  it('tells the commands where everything is', async () => {
    await change('create-stack', 'outputs', { ...base, System: 'outputs' });
    const outputs = await aws(
      'cloudformation',
      'describe-stacks',
      '--stack-name',
      'outputs',
      '--query',
      'Stacks[0].Outputs[].[OutputKey,OutputValue]',
    );
    const found = Object.fromEntries(outputs as [string, string][]);
    expect(found).toMatchObject({
      System: 'outputs',
      Image: base.ImageX86,
      ScalingGroup: expect.stringContaining('BastionAutoScalingGroup'),
      SecurityGroup: expect.stringMatching(/^sg-/),
      Role: expect.stringMatching(/^arn:aws:iam:/),
      Access: 'gatewayctl client access outputs --region eu-west-1',
    });
  });

  it('takes the other image with an ARM type, in an update as well', async () => {
    await change('create-stack', 'updated', { ...base, System: 'updated' });
    await change('update-stack', 'updated', {
      ...base,
      System: 'updated',
      InstanceType: 't4g.large',
      ClientCidr: '203.0.113.0/24',
    });
    const { LaunchTemplate } = await groupOf('updated');
    const versions = await aws(
      'ec2',
      'describe-launch-template-versions',
      '--launch-template-id',
      LaunchTemplate.LaunchTemplateId,
      '--query',
      'LaunchTemplateVersions[].LaunchTemplateData.[InstanceType,ImageId]',
    );
    expect(versions).toEqual([
      ['t3.large', base.ImageX86],
      ['t4g.large', base.ImageArm],
    ]);
    const ranges = await aws(
      'ec2',
      'describe-security-groups',
      '--filters',
      'Name=group-name,Values=updated-bastion',
      '--query',
      'SecurityGroups[].IpPermissions[].[FromPort,IpRanges[0].CidrIp]',
    );
    expect(ranges).toEqual([[22, '203.0.113.0/24']]);
  });

  it('has a group and no machine at size 0', async () => {
    await change('create-stack', 'asleep', { ...base, System: 'asleep', Size: '0' });
    expect(await groupOf('asleep')).toMatchObject({ MinSize: 0, DesiredCapacity: 0, MaxSize: 2 });
    const machines = await aws(
      'ec2',
      'describe-instances',
      '--filters',
      'Name=tag:Name,Values=asleep-bastion',
      '--query',
      'Reservations[]',
    );
    expect(machines).toEqual([]);
  });

  it('fails at its first resource where a gateway of that system is still there', async () => {
    await aws(
      'ec2',
      'create-security-group',
      '--group-name',
      'taken-bastion',
      '--description',
      'the original',
      '--vpc-id',
      base.Vpc ?? '',
    );
    await expect(change('create-stack', 'taken', { ...base, System: 'taken' })).rejects.toThrow(
      /'taken-bastion' already exists/,
    );
    const roles = (await aws('iam', 'list-roles', '--query', 'Roles[].RoleName')) as string[];
    expect(roles.filter((name) => name.startsWith('taken'))).toEqual([]);
  });

  it('gives the machine a key only when there is one, and all else that moto knows', async () => {
    const made = async (name: string) => {
      const query = 'StackResources[?PhysicalResourceId].LogicalResourceId';
      const ids = await aws(
        'cloudformation',
        'describe-stack-resources',
        '--stack-name',
        name,
        '--query',
        query,
      );
      return ids as string[];
    };
    await change('create-stack', 'plain', { ...base, System: 'plain' });
    await change('create-stack', 'more', {
      ...base,
      System: 'more',
      AlarmTopic: 'arn:aws:sns:eu-west-1:123456789012:topic',
      BucketKey: 'arn:aws:kms:eu-west-1:123456789012:key/0123',
    });
    const { Resources } = await readStackTemplate();
    const known = Object.entries(Resources).filter(([, { Type }]) => !UNKNOWN_TYPES.includes(Type));
    expect((await made('more')).sort()).toEqual(known.map(([id]) => id).sort());
    expect((await made('plain')).sort()).toEqual(
      known.flatMap(([id, { Condition }]) => (Condition === undefined ? [id] : [])).sort(),
    );
  });
});
