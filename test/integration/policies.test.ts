/** The policies against the calls that are made: none is missing, and none is there that nobody needs. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { createAccessObjects } from '../../agent/adapters/access-objects.ts';
import { CONNECTOR_READS, POLICIES, type PolicyName, policyDocument } from '../../agent/core/policies.ts';
import { type AwsCall, startCallRecorder } from '../support/call-recorder.ts';
import { findFreePort } from '../support/free-port.ts';
import { applies, fillIn, isAllowed } from '../support/iam.ts';
import { startMetadataStub } from '../support/instance-stubs.ts';
import { createTestClient } from '../support/moto.ts';
import { createOperatorWorld } from '../support/operator-world.ts';
import { createRig, SYSTEM } from '../support/rig.ts';

const FILES = {
  'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop]\n',
  'datomic/orders.edn': '{:tables {:order/id {}}}\n',
};
const LESS = { 'catalog/shop.properties': 'connector.name=datomic\ndatomic.databases=[shop billing]\n' };

function createJudge(name: PolicyName, values: { readonly System: string; readonly Bucket: string }) {
  const filled = fillIn(POLICIES[name], {
    ...values,
    Partition: 'aws',
    Region: 'eu-west-1',
    Account: '123456789012',
  });
  // What a call of our own instance and group brings along: the tags that the stack gives them.
  const context = {
    'aws:ResourceTag/datomic:system': values.System,
    'aws:ResourceTag/Name': `${values.System}-bastion`,
  };
  const ask = (call: AwsCall) =>
    call.resources.map((resource) => ({
      action: call.action,
      resource,
      context: { ...context, ...call.context },
    }));
  return {
    refused: (calls: readonly AwsCall[]) => calls.flatMap(ask).filter((asked) => !isAllowed(filled, asked)),
    /** Each action on each resource that a statement allows and no call needed. */
    unused: (calls: readonly AwsCall[]) =>
      filled
        .filter(({ effect, declared }) => effect === 'Allow' && declared === undefined)
        .flatMap((statement) =>
          statement.actions.flatMap((action) =>
            statement.resources.map((resource) => ({
              ...statement,
              actions: [action],
              resources: [resource],
            })),
          ),
        )
        .filter((one) => !calls.flatMap(ask).some((asked) => applies(one, asked)))
        .map(({ sid, actions, resources }) => [sid, ...actions, ...resources].join(' ')),
  };
}

it.each(Object.keys(POLICIES) as PolicyName[])('packer/policies/%s.json is what the table says', (name) => {
  expect(JSON.parse(readFileSync(`packer/policies/${name}.json`, 'utf8'))).toEqual(policyDocument(name));
});

describe('an operator', () => {
  it('and a pipeline may do what their commands do, and nothing else', async () => {
    const recorder = await startCallRecorder(inject('motoEndpoint'));
    const world = await createOperatorWorld(recorder.url);
    const { system, bucket } = world;
    const values = { System: system, Bucket: bucket.name };
    const config = world.lay('config', FILES);
    const less = world.lay('less', LESS);

    expect(await world.run(['analytics', 'sync', system, config])).toMatchObject({ code: 0 });
    await bucket.put(`${system}/datomic/gateway/status/i-1.json`, '{"version":1}');
    await world.run(['analytics', 'sync', system, less, '-y']);
    const follows = await world.run(['analytics', 'sync', system, less, '--wait', '--wait-timeout', '1s']);
    expect(follows.stderr).toContain('is no status document');
    const pipeline = [...recorder.calls];
    const ofPipeline = createJudge('pipeline', values);
    expect(ofPipeline.refused(pipeline)).toEqual([]);
    expect(ofPipeline.unused(pipeline)).toEqual([]);

    await world.runInstance();
    await world.makeGroup();
    await world.run(['gateway', 'status', system]);
    for (const args of [[], ['--rotate', '--overlap', '1ms']]) {
      expect(await world.run(['gateway', 'keys', system, ...args])).toMatchObject({ code: 0 });
    }
    await world.run(['gateway', 'restart', system, '--wait', '1s']);
    await world.run(['gateway', 'poll', system, '--wait', '1s']);
    expect(await world.run(['gateway', 'enable', system])).toMatchObject({ code: 0 });
    expect(await world.run(['gateway', 'disable', system])).toMatchObject({ code: 0 });
    const port = String(await findFreePort());
    const tunnel = world.start(['client', 'access', system, '--port', port]);
    const hasRead = () => recorder.calls.some(({ resources }) => resources[0]?.endsWith('bastion.hostkey'));
    for (const until = Date.now() + 20_000; !hasRead() && Date.now() < until; ) await sleep(50);
    await tunnel.end('SIGINT');

    const ofOperator = createJudge('operator', values);
    expect(ofOperator.refused(recorder.calls)).toEqual([]);
    expect(ofOperator.unused(recorder.calls)).toEqual([]);
  });

  const operator = createJudge('operator', { System: 'acme', Bucket: 'b' });
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`;

  it.each([
    ['another document', 'ssm:SendCommand', arn('ssm', 'document/AWS-RunShellScript'), {}],
    [
      'our document on the machine of another system',
      'ssm:SendCommand',
      arn('ec2', 'instance/i-1'),
      { 'aws:ResourceTag/datomic:system': 'other' },
    ],
    ['a shell', 'ssm:StartSession', arn('ssm', 'document/SSM-SessionManagerRunShell'), {}],
    ['views', 's3:ListBucket', 'arn:aws:s3:::b', { 's3:prefix': '' }],
    [
      'the host key of the gateway',
      's3:PutObject',
      'arn:aws:s3:::b/acme/datomic/access/private-keys/bastion.hostkey',
      {},
    ],
    ['the status of the gateway', 's3:PutObject', 'arn:aws:s3:::b/acme/datomic/gateway/status/i-1.json', {}],
    [
      'the configuration of another system',
      's3:PutObject',
      'arn:aws:s3:::b/other/datomic/analytics/x/etc/a',
      {},
    ],
  ])('may not change or reach %s', (_title, action, resource, context) => {
    expect(operator.refused([{ action, resources: [resource], context }])).toHaveLength(1);
  });
});

describe('an instance', () => {
  it('may do what its agent and its access helper do, and nothing else', async () => {
    const recorder = await startCallRecorder(inject('motoEndpoint'));
    const metadata = await startMetadataStub({
      instanceId: 'i-0abc',
      instanceType: 't3.large',
      region: 'eu-west-1',
    });
    const rig = await createRig({
      env: {
        AWS_ENDPOINT_URL: recorder.url,
        AWS_ENDPOINT_URL_S3: recorder.url,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata,
      },
    });
    await rig.sync(FILES);
    rig.start();
    await rig.waitForProven();
    const client = async () => createTestClient(recorder.url);
    const objects = createAccessObjects({ client, bucket: rig.bucket, system: SYSTEM });
    await objects.readClientKeys(null);
    await objects.readHostKey();
    await objects.putHostKey({ line: '* ssh-ed25519 AAAA', madeAt: 0 }, undefined);

    const judge = createJudge('instance', { System: SYSTEM, Bucket: rig.bucket });
    for (const until = Date.now() + 20_000; judge.unused(recorder.calls).length > 0 && Date.now() < until; ) {
      await sleep(100);
    }
    expect(judge.refused(recorder.calls)).toEqual([]);
    expect(judge.unused(recorder.calls)).toEqual([]);
  });

  const judge = createJudge('instance', { System: 'acme', Bucket: 'b' });
  const read = (key: string): AwsCall => ({
    action: 's3:GetObject',
    resources: [`arn:aws:s3:::b/${key}`],
    context: {},
  });

  it('lets the Datomic connector read what it needs, but nobody the key that opens tunnels', () => {
    expect(CONNECTOR_READS.resource).toContain('/datomic/access/*');
    expect(
      judge.refused([
        read('acme/datomic/access/admin/.keys'),
        read('acme/datomic/access/dbs/db/shop/read/.keys'),
      ]),
    ).toEqual([]);
    expect(judge.refused([read('acme/datomic/access/private-keys/bastion')])).toHaveLength(1);
  });

  it('reads no parameter of the account, whatever other policies are attached', () => {
    const everything = { sid: 'Standard', effect: 'Allow', actions: ['ssm:*'], resources: ['*'] } as const;
    const asked = {
      action: 'ssm:GetParameters',
      resource: 'arn:aws:ssm:eu-west-1:123456789012:parameter/x',
      context: {},
    };
    expect(isAllowed([...POLICIES.instance, everything], asked)).toBe(false);
  });
});
