/** What a Datomic system has in AWS, made in moto: buckets with its tag, and a gateway with the tags of the stack. */
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { PutBucketTaggingCommand } from '@aws-sdk/client-s3';
import { createBucket, createTestClient, type TestBucket } from './moto.ts';

export const REGION = 'eu-west-1';
/** One of those that moto has. */
export const IMAGE = 'ami-12c6146b';

export interface LaunchedGateway {
  readonly id: string;
  readonly publicIp: string;
  readonly privateIp: string;
}

export const tagsOf = (system: string) => [
  { Key: 'Name', Value: `${system}-bastion` },
  { Key: 'datomic:system', Value: system },
];

/** A second one is a mistake that commands must name. */
export async function makeSystemBucket(endpoint: string, system: string): Promise<TestBucket> {
  const bucket = await createBucket(endpoint);
  const Tagging = { TagSet: [{ Key: 'datomic:system', Value: system }] };
  await createTestClient(endpoint).send(new PutBucketTaggingCommand({ Bucket: bucket.name, Tagging }));
  return bucket;
}

export const createEc2 = (endpoint: string) =>
  new EC2Client({ region: REGION, endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });

export async function launchGateway(ec2: EC2Client, system: string): Promise<LaunchedGateway> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: IMAGE,
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags: tagsOf(system) }],
    }),
  );
  const { InstanceId: id, PrivateIpAddress: privateIp } = Instances[0] ?? {};
  // moto gives public addresses when an instance is described.
  const described = await ec2.send(
    new DescribeInstancesCommand({ InstanceIds: id === undefined ? [] : [id] }),
  );
  const publicIp = described.Reservations?.[0]?.Instances?.[0]?.PublicIpAddress;
  if (id === undefined || publicIp === undefined || privateIp === undefined) {
    throw new Error('moto launched no instance');
  }
  return { id, publicIp, privateIp };
}
