import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MotoServer, startMoto } from '../support/moto-server.ts';
import { createMotoStack } from '../support/moto-stack.ts';
import { makeScratch } from '../support/scratch.ts';
import { readStackTemplate, STACK_TEMPLATE } from '../support/stack-template.ts';

/** Types of resources that moto passes over in silence. */
const UNKNOWN_TYPES = ['AWS::CloudWatch::Alarm'];

/** What moto's CloudFormation does not do: seen by nobody before the stack runs on AWS. */
const NOT_SHOWN = [
  'signals: moto completes a scaling group without one, so neither time-out nor rollback is seen',
  'rolling updates: moto leaves running machines and the version of the launch template as they were',
  'updates by launch.sh: a change set of moto fails at a list that keeps its value, so stacks are updated without one',
  'rules: moto does not evaluate them; the unit test compares their lists with the table of types',
  'permissions: moto allows every call; the policies are compared with the calls that are made',
  'the use of a key: moto keeps grants and encrypts nothing',
  `${UNKNOWN_TYPES.join(', ')}: moto makes none`,
];

/** A server of its own: what CloudFormation leaves in moto makes its look-up of tags fail for the files that follow. */
let server: MotoServer;

beforeAll(async () => {
  server = await startMoto();
});

afterAll(() => server.close());

const run = (program: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    const { pythonBin: bin, endpoint } = server;
    const env = {
      ...process.env,
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: endpoint,
      PATH: `${bin}:${process.env.PATH}`,
      ...more,
    };
    execFile(path.resolve(bin, program), args, { env, timeout: 90_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });

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
  let moto: Awaited<ReturnType<typeof createMotoStack>>;

  beforeAll(async () => {
    console.info(`not shown on moto:\n${NOT_SHOWN.map((line) => `  ${line}`).join('\n')}`);
    moto = await createMotoStack(server.endpoint);
  });

  it('starts one machine that the original CLI finds by its tags, with a public address and no open port', async () => {
    await moto.create('created');
    expect(await moto.instances('created')).toMatchObject([
      { ImageId: moto.base.ImageX86, PublicIpAddress: expect.stringMatching(/^\d+[.]/) },
    ]);
    expect(await moto.inbound('created')).toEqual([]);
  });

  it('tells the commands where everything is', async () => {
    await moto.create('outputs');
    expect(await moto.outputs('outputs')).toMatchObject({
      System: 'outputs',
      Image: moto.base.ImageX86,
      ScalingGroup: expect.stringContaining('BastionAutoScalingGroup'),
      SecurityGroup: expect.stringMatching(/^sg-/),
      Role: expect.stringMatching(/^arn:aws:iam:/),
      Access: 'gatewayctl client access outputs --region eu-west-1',
    });
  });

  it('takes the other image with an ARM type, in an update as well', async () => {
    await moto.create('updated');
    await moto.update('updated', { InstanceType: 't4g.large', ClientCidr: '203.0.113.0/24' });
    const group = await moto.group('updated');
    expect(await moto.launchVersions(group?.LaunchTemplate?.LaunchTemplateId)).toEqual([
      ['t3.large', moto.base.ImageX86],
      ['t4g.large', moto.base.ImageArm],
    ]);
    expect(await moto.inbound('updated')).toEqual([[22, '203.0.113.0/24']]);
  });

  it('has a group and no machine at size 0', async () => {
    await moto.create('asleep', { Size: '0' });
    expect(await moto.group('asleep')).toMatchObject({ MinSize: 0, DesiredCapacity: 0, MaxSize: 2 });
    expect(await moto.instances('asleep')).toEqual([]);
  });

  it('gives the machine a key and a log group only when there is one, and makes all else that moto knows', async () => {
    await moto.create('plain');
    await moto.create('more', {
      AlarmTopic: 'arn:aws:sns:eu-west-1:123456789012:topic',
      BucketKey: 'arn:aws:kms:eu-west-1:123456789012:key/0123',
      LogRetentionDays: '30',
    });
    const { Resources } = await readStackTemplate();
    const known = Object.entries(Resources).filter(([, { Type }]) => !UNKNOWN_TYPES.includes(Type));
    expect(await moto.made('more')).toEqual(known.map(([id]) => id).sort());
    const always = known.flatMap(([id, { Condition }]) => (Condition === undefined ? [id] : []));
    expect(await moto.made('plain')).toEqual(always.sort());
  });

  it('fails at its first resource where another gateway of that system is still there', async () => {
    await moto.takeName('taken');
    await expect(moto.create('taken')).rejects.toThrow(/'taken-bastion' already exists/);
  });

  describe('by launch.sh', () => {
    const LAUNCH = path.resolve('packer/launch.sh');
    const pairs = (system: string) =>
      Object.entries({ ...moto.base, System: system }).map(([key, value]) => `${key}=${value}`);

    it('is not even tried where another gateway has its names, and one sentence says what is in the way', async () => {
      await moto.takeName('kept');
      const { code, output } = await run(LAUNCH, ['kept', ...pairs('kept')]);
      expect(code).toBe(73);
      expect(output).toMatch(
        /^launch: vpc-\w+ has the security group kept-bastion already \(sg-\w+, of no stack\): .*\n$/,
      );
    });

    it('is launched, and what a first launch needs is asked for', async () => {
      const bare = await run(LAUNCH, ['launched', 'Size=0']);
      expect([bare.code, bare.output]).toEqual([2, expect.stringContaining('name System=… and Vpc=…')]);
      const { code, output } = await run(LAUNCH, ['launched', ...pairs('launched')]);
      expect([code, output]).toEqual([0, expect.stringContaining('created/updated stack - launched')]);
      expect(await moto.instances('launched')).toHaveLength(1);
    });

    it('says how it is used, and takes neither an option for a stack nor what the stack does not know', async () => {
      const help = await run(LAUNCH, ['--help']);
      expect([help.code, help.output]).toEqual([0, expect.stringContaining('packer/launch.sh STACK')]);
      expect(help.output).not.toContain('#');
      for (const args of [[], ['--size=1'], ['Size=1'], ['-x', 'Size=1']]) {
        const { code, output } = await run(LAUNCH, args);
        expect([code, output], args.join(' ')).toEqual([2, 'launch: usage: launch.sh STACK [KEY=VALUE…]\n']);
      }
      // The AWS CLI alone would change nothing and say that all went well.
      const wrong = await run(LAUNCH, ['mistyped', 'ImageX68=ami-12345678', ...pairs('mistyped')]);
      expect([wrong.code, wrong.output]).toEqual([
        2,
        expect.stringMatching(/^launch: "ImageX68" is no KEY=VALUE of the stack; its keys are: .* ImageX86 /),
      ]);
    });

    it('brings a stack that is there to the template alone when no parameter is named', async () => {
      const programs = await makeScratch();
      // In place of the AWS CLI, whose change sets moto cannot carry out: says what it is told.
      await writeFile(path.join(programs, 'aws'), '#!/bin/sh\necho "$*"\n', { mode: 0o755 });
      const { code, output } = await run(LAUNCH, ['there'], { PATH: `${programs}:${process.env.PATH}` });
      expect([code, output]).toEqual([
        0,
        `cloudformation deploy --stack-name there --template-file ${path.dirname(LAUNCH)}/stack/gateway.yaml ` +
          '--capabilities CAPABILITY_IAM --no-fail-on-empty-changeset\n',
      ]);
    });

    it('gives the scaling group the use of the key of the volume, or says that it could not', async () => {
      const kms = (...args: string[]) => run('aws', ['kms', ...args, '--output', 'text']);
      const made = await kms('create-key', '--query', 'KeyMetadata.Arn');
      const key = made.output.trim();
      const { code, output } = await run(LAUNCH, ['keyed', ...pairs('keyed'), `VolumeKey=${key}`]);
      expect([code, output]).toEqual([
        0,
        expect.stringContaining(`AWSServiceRoleForAutoScaling may use ${key}`),
      ]);
      const grants = await kms('list-grants', '--key-id', key, '--query', 'Grants[].[GranteePrincipal]');
      expect(grants.output.trim()).toMatch(
        /^arn:aws:iam::\d{12}:role\/aws-service-role\/autoscaling\.amazonaws\.com\/AWSServiceRoleForAutoScaling$/,
      );

      const refused = await run(LAUNCH, ['keyless', ...pairs('keyless'), 'Size=0', `VolumeKey=${key}`], {
        AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:9',
        AWS_MAX_ATTEMPTS: '1',
      });
      expect(refused.output).toMatch(
        /was not given the use of .* \(Could not connect .*\); unless the key's policy gives it/,
      );
      expect(refused.code).toBe(0);
    });
  });
});
