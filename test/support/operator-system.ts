/** A Datomic system in moto, as an operator's command meets it: tagged bucket, keys in it, a gateway that runs. */
import { randomUUID } from 'node:crypto';
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutBucketTaggingCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface LaunchedGateway {
  readonly id: string;
  readonly publicIp: string;
  readonly privateIp: string;
}

export type OperatorSystem = Awaited<ReturnType<typeof createOperatorSystem>>;

export async function createOperatorSystem(options: { readonly endpoint: string; readonly name?: string }) {
  const { endpoint } = options;
  const name = options.name ?? `system-${randomUUID().slice(0, 8)}`;
  const s3 = new S3Client({ region: REGION, endpoint, credentials: CREDENTIALS, forcePathStyle: true });
  const ec2 = new EC2Client({ region: REGION, endpoint, credentials: CREDENTIALS });
  const makeBucket = async () => {
    const Bucket = `bucket-${randomUUID()}`;
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    const Tagging = { TagSet: [{ Key: 'datomic:system', Value: name }] };
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging }));
    return Bucket;
  };
  const bucket = await makeBucket();
  return {
    name,
    bucket,
    endpoint,
    /** A second bucket with the tag of the system: a mistake. */
    makeSecondBucket: makeBucket,
    async put(key: string, text: string): Promise<void> {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${name}/${key}`, Body: text }));
    },
    async launch(): Promise<LaunchedGateway> {
      const Tags = [{ Key: 'Name', Value: `${name}-bastion` }];
      const command = new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: 'instance', Tags }],
      });
      const { Instances = [] } = await ec2.send(command);
      const [instance] = Instances;
      const { InstanceId: id, PrivateIpAddress: privateIp } = instance ?? {};
      // moto gives public addresses when an instance is described.
      const described = await ec2.send(
        new DescribeInstancesCommand({ InstanceIds: id === undefined ? [] : [id] }),
      );
      const publicIp = described.Reservations?.[0]?.Instances?.[0]?.PublicIpAddress;
      if (id === undefined || publicIp === undefined || privateIp === undefined) {
        throw new Error('moto launched no instance');
      }
      return { id, publicIp, privateIp };
    },
    async terminate(id: string): Promise<void> {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    close(): void {
      s3.destroy();
      ec2.destroy();
    },
  };
}

/** The environment of an operator's shell, with AWS at that endpoint. */
export function operatorEnv(endpoint: string, home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
  };
}
