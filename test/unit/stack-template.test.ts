import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CLOUD_NAMESPACE, cloudReportOf } from '../../agent/core/cloud-metrics.ts';
import { INSTANCE_TYPES } from '../../agent/core/instance-types.ts';
import { policyDocument } from '../../agent/core/policies.ts';
import { statusDocument } from '../fakes/status.ts';
import { readStackTemplate, type StackTemplate } from '../support/stack-template.ts';

const SSM_DOCUMENTS = path.resolve(import.meta.dirname, '../../packer/ssm');

/** CloudFormation's names of what the policies call otherwise. */
const PSEUDO: Readonly<Record<string, string>> = {
  AccountId: 'Account',
  Partition: 'Partition',
  Region: 'Region',
};

let template: StackTemplate;

beforeAll(async () => {
  template = await readStackTemplate();
});

/** Every value in the template below `value` that is a map. */
function* walk(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const child of Object.values(value)) yield* walk(child);
}

const properties = (id: string) => template.Resources[id]?.Properties ?? {};

describe('parameters', () => {
  it('are each described, used and shown in a group', () => {
    const text = JSON.stringify({ ...template, Metadata: null });
    const shown = [...walk((template as unknown as { Metadata: unknown }).Metadata)].flatMap(
      (map) => (map.Parameters as string[] | undefined) ?? [],
    );
    for (const [name, parameter] of Object.entries(template.Parameters)) {
      expect(parameter.Description, name).toMatch(/[.]$/);
      expect(text.includes(`"Ref":"${name}"`) || text.includes(`\${${name}}`), `${name} is used`).toBe(true);
    }
    expect(shown.sort()).toEqual(Object.keys(template.Parameters).sort());
  });

  it('leave nothing to choose but what the account alone knows, and an image', () => {
    const required = Object.entries(template.Parameters)
      .filter(([, { Default }]) => Default === undefined)
      .map(([name]) => name);
    expect(required).toEqual(['System', 'Bucket', 'Vpc', 'Subnets']);
  });

  it('keep what goes into user data free of quotes, blanks and line ends', () => {
    for (const name of ['System', 'Bucket', 'Group']) {
      const pattern = new RegExp(`^(?:${template.Parameters[name]?.AllowedPattern})$`);
      for (const bad of ['a"b', 'a b', 'a\nb', 'a\\b', '', 'a}b']) {
        expect(pattern.test(bad), `${name}: ${bad}`).toBe(false);
      }
    }
  });

  it('describe addresses of which the empty one opens nothing', () => {
    const pattern = new RegExp(`^(?:${template.Parameters.ClientCidr?.AllowedPattern})$`);
    expect(template.Parameters.ClientCidr?.Default).toBe('');
    for (const good of ['', '203.0.113.0/24', '10.0.0.1/32']) expect(pattern.test(good), good).toBe(true);
    for (const bad of ['203.0.113.0', '203.0.113.0/33', 'everywhere', '::/0']) {
      expect(pattern.test(bad), bad).toBe(false);
    }
  });
});

describe('instance types', () => {
  it('that may be chosen are those of the one table, each with its architecture', () => {
    const { InstanceType } = template.Parameters;
    expect(InstanceType?.AllowedValues).toEqual(INSTANCE_TYPES.map(({ name }) => name));
    expect(template.Mappings.InstanceTypes).toEqual(
      Object.fromEntries(INSTANCE_TYPES.map((type) => [type.name, { Architecture: type.architecture }])),
    );
  });

  it('have a default with which the analytics process runs', () => {
    const type = INSTANCE_TYPES.find(({ name }) => name === template.Parameters.InstanceType?.Default);
    expect(type?.memoryBytes).toBe(8 * 1024 ** 3);
  });

  it('ask for the image of their architecture before anything is made', () => {
    const arm = INSTANCE_TYPES.flatMap(({ name, architecture }) => (architecture === 'arm64' ? [name] : []));
    const lists = [...walk(template.Rules)].flatMap((map) => {
      const contains = map['Fn::Contains'] as [string[], unknown] | undefined;
      return contains === undefined ? [] : [contains[0]];
    });
    expect(lists).toEqual([arm, arm]);
  });
});

describe('documents of Systems Manager', () => {
  it('are those of packer/ssm, under the names that the commands send', async () => {
    const files = (await readdir(SSM_DOCUMENTS)).filter((file) => file.endsWith('.yaml'));
    const found = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::SSM::Document');
    const expected = files.map(async (file) => [
      `\${System}-${path.basename(file, '.yaml')}`,
      parse(await readFile(path.join(SSM_DOCUMENTS, file), 'utf8')),
    ]);
    expect(
      Object.fromEntries(
        found.map(({ Properties }) => [
          (Properties.Name as { 'Fn::Sub': string })['Fn::Sub'],
          Properties.Content,
        ]),
      ),
    ).toEqual(Object.fromEntries(await Promise.all(expected)));
    expect(files).toContain('gateway-restart.yaml');
  });
});

describe('the machine', () => {
  const launch = () => properties('LaunchTemplate').LaunchTemplateData as Record<string, never>;

  it('has metadata with tokens alone, an encrypted root and an explicit public address', () => {
    expect(launch().MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(launch().BlockDeviceMappings).toMatchObject([{ Ebs: { Encrypted: true } }]);
    expect(launch().NetworkInterfaces).toMatchObject([
      { AssociatePublicIpAddress: { Ref: 'PublicAddress' } },
    ]);
  });

  it('is given data that first boot can read, and no program', () => {
    const { UserData } = launch() as unknown as {
      UserData: { 'Fn::Base64': { 'Fn::Sub': [string, unknown] } };
    };
    const [form, values] = UserData['Fn::Base64']['Fn::Sub'];
    // Not the retention: another one must not replace the machine.
    expect(values).toEqual({ LogGroupName: { 'Fn::If': ['HasLogs', { Ref: 'LogGroup' }, ''] } });
    const text = form.replace(/\$\{([^}]+)\}/g, '<$1>');
    expect(JSON.parse(text)).toEqual({
      settings: {
        system: '<System>',
        region: '<AWS::Region>',
        source: { uri: 's3://<Bucket>', group: '<Group>' },
      },
      logs: { group: '<LogGroupName>' },
      signal: { stack: '<AWS::StackId>', resource: 'BastionAutoScalingGroup' },
    });
  });

  it('bears the tags that the original CLI looks for', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own form
    const name = { Key: 'Name', Value: { 'Fn::Sub': '${System}-bastion' }, PropagateAtLaunch: true };
    const system = { Key: 'datomic:system', Value: { Ref: 'System' }, PropagateAtLaunch: true };
    expect(properties('BastionAutoScalingGroup').Tags).toEqual([name, system]);
  });

  it('is replaced by the group only when EC2 finds it broken, and by an update one at a time', () => {
    const group = template.Resources.BastionAutoScalingGroup;
    expect(group?.Properties).toMatchObject({ HealthCheckType: 'EC2', MinSize: { Ref: 'Size' } });
    expect(template.Parameters.Size?.AllowedValues).toEqual([0, 1]);
    expect(group?.CreationPolicy).toMatchObject({ ResourceSignal: { Count: { Ref: 'Size' } } });
    expect(group?.UpdatePolicy).toMatchObject({
      AutoScalingRollingUpdate: {
        WaitOnResourceSignals: true,
        MinInstancesInService: { 'Fn::If': ['IsRunning', 1, 0] },
      },
      AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true },
    });
  });
});

describe('the network', () => {
  it('lets nobody in unless an address range was given, and then to ssh alone', () => {
    const inbound = properties('SecurityGroup').SecurityGroupIngress as { 'Fn::If': unknown[] };
    expect(inbound['Fn::If']).toEqual([
      'IsOpen',
      [expect.objectContaining({ FromPort: 22, ToPort: 22, CidrIp: { Ref: 'ClientCidr' } })],
      { Ref: 'AWS::NoValue' },
    ]);
    const others = Object.values(template.Resources).filter(({ Type }) => /Ingress|Egress/.test(Type));
    expect(others).toEqual([]);
  });

  it('lets the machine out to AWS and to Datomic alone', () => {
    const outbound = properties('SecurityGroup').SecurityGroupEgress as {
      FromPort: number;
      ToPort: number;
    }[];
    expect(outbound.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([
      [443, 443],
      [443, 443],
      [8182, 8182],
    ]);
  });
});

describe('permissions', () => {
  interface Statement {
    readonly Sid?: string;
    readonly Effect: string;
    readonly Action: string | readonly string[];
    readonly Resource: unknown;
    readonly Condition?: unknown;
  }

  const statements = (): Statement[] =>
    [...walk(template.Resources)].flatMap((map) =>
      map.Resource !== undefined && map.Effect !== undefined ? [map as unknown as Statement] : [],
    );

  // AWS knows no narrower resource for these; each with its reason.
  const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
    'cloudwatch:PutMetricData': 'metrics have no ARN; a condition names the namespace',
    'ssm:UpdateInstanceInformation': 'how an agent registers; it has only the instance it runs on',
    'ssm:PutComplianceItems': 'takes the instance as an argument, not as a resource',
    'ssmmessages:': 'channels of the agent have no ARN',
    'ec2messages:': 'messages to the agent have no ARN',
  };

  it('name what they are for, except where AWS knows no narrower name', () => {
    for (const { Effect, Action, Resource, Condition } of statements()) {
      if (Effect !== 'Allow' || !JSON.stringify(Resource).includes('"*"')) continue;
      for (const action of [Action].flat()) {
        const reason = WITHOUT_RESOURCE[action] ?? WITHOUT_RESOURCE[action.replace(/:.*/, ':')];
        expect(reason, `${action} on every resource`).toBeDefined();
        if (action === 'cloudwatch:PutMetricData') expect(Condition).toBeDefined();
      }
    }
  });

  it('are those of the one table of policies, and to speak to the stack itself', () => {
    const [gateway, stack] = properties('Role').Policies as unknown as { PolicyDocument: object }[];
    const plain = (policy: unknown) =>
      JSON.parse(
        JSON.stringify(policy, (_key, value) => value['Fn::Sub'] ?? value).replaceAll(
          /AWS::(AccountId|Partition|Region)/g,
          (_all, name: string) => PSEUDO[name] ?? name,
        ),
      );
    expect(plain(gateway?.PolicyDocument)).toEqual(policyDocument('instance'));
    expect(plain(properties('LogsPolicy').PolicyDocument)).toEqual(policyDocument('logs'));
    expect(stack?.PolicyDocument).toMatchObject({
      Statement: [{ Action: 'cloudformation:SignalResource', Resource: { Ref: 'AWS::StackId' } }],
    });
  });

  it('have no action with a wildcard, except in what is denied', () => {
    for (const { Effect, Action } of statements()) {
      if (Effect === 'Allow') expect([Action].flat().join(' ')).not.toContain('*');
    }
  });

  it('keep the access key of clients from the machine', () => {
    const denied = statements().filter(({ Effect }) => Effect === 'Deny');
    expect(JSON.stringify(denied)).toContain('/datomic/access/private-keys/bastion"');
  });

  it('come from no managed policy', () => {
    for (const { Properties } of Object.values(template.Resources)) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });
});

describe('logs', () => {
  it('go to CloudWatch only by choice, and are then kept as long as was chosen', () => {
    const { LogRetentionDays } = template.Parameters;
    expect(LogRetentionDays?.Default).toBe(0);
    expect(LogRetentionDays?.AllowedValues).toContain(30);
    for (const id of ['LogGroup', 'LogsPolicy'])
      expect(template.Resources[id]?.Condition, id).toBe('HasLogs');
    expect(properties('LogGroup')).toMatchObject({
      RetentionInDays: { Ref: 'LogRetentionDays' },
      KmsKeyId: { 'Fn::If': ['HasLogKey', { Ref: 'LogKey' }, { Ref: 'AWS::NoValue' }] },
    });
  });

  it('go to the one group that the machine may write to', () => {
    const name = properties('LogGroup').LogGroupName as { 'Fn::Sub': string };
    expect(JSON.stringify(policyDocument('logs'))).toContain(`:log-group:${name['Fn::Sub']}:*"`);
    expect(properties('LogsPolicy').Roles).toEqual([{ Ref: 'Role' }]);
  });
});

describe('alarms', () => {
  it('are made only for a topic, and take missing reports for the state before', () => {
    const alarms = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
    );
    expect(alarms.map(([id]) => id)).toEqual(['UnhealthyAlarm', 'WaitingAlarm', 'SilentAlarm']);
    for (const [id, { Condition, Properties }] of alarms) {
      expect(Condition, id).toBe('HasAlarms');
      expect(Properties.TreatMissingData, id).toBe(id === 'SilentAlarm' ? 'notBreaching' : 'ignore');
    }
  });

  it('look at metrics that the agent sends, under the dimension that it gives them', () => {
    const options = { memoryAvailableBytes: 0, restartsBefore: 0 };
    const sent = cloudReportOf(statusDocument(), options).metrics.map(({ name }) => name);
    const [collected] = properties('BastionAutoScalingGroup').MetricsCollection as { Metrics: string[] }[];
    const looked = [...walk(template.Resources)].filter((map) => map.MetricName !== undefined);
    for (const { Namespace, MetricName, Dimensions } of looked) {
      if (Namespace === 'AWS/AutoScaling') {
        expect(collected?.Metrics).toContain(MetricName);
      } else {
        expect([Namespace, sent]).toEqual([CLOUD_NAMESPACE, expect.arrayContaining([MetricName])]);
        expect(Dimensions).toEqual([{ Name: 'System', Value: { Ref: 'System' } }]);
      }
    }
    expect(looked.map(({ MetricName }) => MetricName)).toEqual([
      'Healthy',
      'RefusedOrHeld',
      'GroupInServiceInstances',
      'Healthy',
    ]);
  });
});
