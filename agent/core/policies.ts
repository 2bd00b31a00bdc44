/**
 * What each role may do, in one table: `packer/policies/` is written from it, the stack is compared with it, and a
 * test compares it with the calls that are made, both ways. `${System}`, `${Bucket}`, `${Region}`, `${Account}` and
 * `${Partition}` stand for those of the system. Pure.
 */
export type PolicyName = 'operator' | 'pipeline' | 'instance' | 'logs';

export interface PolicyStatement {
  readonly sid: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Who needs it where no command of this project makes the call; the test then expects none. */
  readonly declared?: string;
}

const placeholder = (name: string) => `\${${name}}`;
const SYSTEM = placeholder('System');
const PARTITION = placeholder('Partition');
const REGION = placeholder('Region');
const ACCOUNT = placeholder('Account');
const BUCKET_NAME = placeholder('Bucket');
const SYSTEM_TAG = { StringEquals: { 'aws:ResourceTag/datomic:system': `${SYSTEM}` } } as const;
const INSTANCES = `arn:${PARTITION}:ec2:${REGION}:${ACCOUNT}:instance/*`;
const document = (name: string) => `arn:${PARTITION}:ssm:${REGION}:${ACCOUNT}:document/${SYSTEM}-${name}`;
const BUCKET = `arn:${PARTITION}:s3:::${BUCKET_NAME}`;
const below = (path: string) => `${BUCKET}/${SYSTEM}/datomic/${path}`;
const listing = (...paths: readonly string[]) => ({
  StringLike: { 's3:prefix': paths.map((path) => `${SYSTEM}/datomic/${path}`) },
});

const allow = (
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  condition?: PolicyStatement['condition'],
): PolicyStatement => ({
  sid,
  effect: 'Allow',
  actions,
  resources,
  ...(condition === undefined ? {} : { condition }),
});

const FIND_BUCKET = allow('FindBucket', ['tag:GetResources'], ['*']);
const CHANGE_CONFIGURATION = allow(
  'ChangeConfiguration',
  ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
  [below('analytics/*')],
);

export const POLICIES: Readonly<Record<PolicyName, readonly PolicyStatement[]>> = {
  pipeline: [
    FIND_BUCKET,
    allow('List', ['s3:ListBucket'], [BUCKET], listing('analytics/*', 'gateway/status/*')),
    CHANGE_CONFIGURATION,
    allow('Follow', ['s3:GetObject'], [below('gateway/*')]),
  ],

  operator: [
    FIND_BUCKET,
    allow('List', ['s3:ListBucket'], [BUCKET], listing('analytics/*', 'gateway/status/*')),
    CHANGE_CONFIGURATION,
    allow('Follow', ['s3:GetObject'], [below('gateway/*')]),
    allow(
      'ReadAccessKeys',
      ['s3:GetObject'],
      [below('access/private-keys/*'), below('access/public-keys/*')],
    ),
    allow(
      'ChangeAccessKeys',
      ['s3:PutObject'],
      [below('access/private-keys/bastion'), below('access/public-keys/bastion.pub')],
    ),
    allow('FindGateway', ['ec2:DescribeInstances'], ['*']),
    allow('SendOurDocuments', ['ssm:SendCommand'], [document('gateway-restart'), document('gateway-poll')]),
    allow('SendToTheGateway', ['ssm:SendCommand'], [INSTANCES], SYSTEM_TAG),
    allow('FollowCommands', ['ssm:GetCommandInvocation'], ['*']),
    {
      ...allow(
        'TunnelThroughSessionManager',
        ['ssm:StartSession'],
        [`arn:${PARTITION}:ssm:${REGION}::document/AWS-StartSSHSession`],
        { BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' } },
      ),
      declared: '`--via ssm`: the AWS CLI and its plugin make the call',
    },
    {
      ...allow('TunnelToTheGateway', ['ssm:StartSession'], [INSTANCES], {
        ...SYSTEM_TAG,
        BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' },
      }),
      declared: '`--via ssm`: the AWS CLI and its plugin make the call',
    },
    allow('FindGroup', ['autoscaling:DescribeTags', 'autoscaling:DescribeAutoScalingGroups'], ['*']),
    allow(
      'SizeGroup',
      ['autoscaling:UpdateAutoScalingGroup'],
      [`arn:${PARTITION}:autoscaling:${REGION}:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/*`],
      { StringEquals: { 'aws:ResourceTag/Name': `${SYSTEM}-bastion` } },
    ),
  ],

  instance: [
    allow('ListConfiguration', ['s3:ListBucket'], [BUCKET], listing('*')),
    allow('ReadConfiguration', ['s3:GetObject'], [below('analytics/*'), below('gateway/*')]),
    allow('ReadAccess', ['s3:GetObject'], [below('access/*')]),
    allow(
      'WriteStatus',
      ['s3:PutObject'],
      [below('gateway/*'), below('access/private-keys/bastion.hostkey')],
    ),
    {
      sid: 'NoAccessKey',
      effect: 'Deny',
      actions: ['s3:*'],
      resources: [below('access/private-keys/bastion')],
    },
    allow('Metrics', ['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': 'DatomicGateway' },
    }),
    allow('Compliance', ['ssm:PutComplianceItems'], ['*']),
    {
      ...allow(
        'SessionManager',
        [
          'ssm:UpdateInstanceInformation',
          'ssmmessages:CreateControlChannel',
          'ssmmessages:CreateDataChannel',
          'ssmmessages:OpenControlChannel',
          'ssmmessages:OpenDataChannel',
          'ec2messages:AcknowledgeMessage',
          'ec2messages:DeleteMessage',
          'ec2messages:FailMessage',
          'ec2messages:GetEndpoint',
          'ec2messages:GetMessages',
          'ec2messages:SendReply',
        ],
        ['*'],
      ),
      declared: 'the agent of Systems Manager',
    },
    {
      sid: 'NoParametersOfTheAccount',
      effect: 'Deny',
      actions: [
        'ssm:GetParameter',
        'ssm:GetParameters',
        'ssm:GetParametersByPath',
        'ssm:GetParameterHistory',
      ],
      resources: ['*'],
    },
  ],

  // The instance's, too, where the stack sends its log to CloudWatch. The stack makes the group; the agent may not.
  logs: [
    {
      ...allow(
        'SendLog',
        ['logs:CreateLogStream', 'logs:PutLogEvents'],
        [`arn:${PARTITION}:logs:${REGION}:${ACCOUNT}:log-group:/datomic-gateway/${SYSTEM}:*`],
      ),
      declared: 'the CloudWatch agent',
    },
  ],
};

/** What reads below `access/` on an instance beside our own programs. */
export const CONNECTOR_READS = {
  resource: below('access/*'),
  why: 'the Datomic connector reads how to sign requests to the system',
} as const;

/** The policy as IAM takes it. */
export function policyDocument(name: PolicyName): unknown {
  return {
    Version: '2012-10-17',
    Statement: POLICIES[name].map(({ sid, effect, actions, resources, condition }) => ({
      Sid: sid,
      Effect: effect,
      Action: actions,
      Resource: resources,
      ...(condition === undefined ? {} : { Condition: condition }),
    })),
  };
}
