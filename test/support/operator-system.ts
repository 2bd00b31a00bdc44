/** A Datomic system in moto, as an operator's command meets it: tagged bucket, keys in it, a gateway that runs. */
import { randomUUID } from 'node:crypto';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { createEc2, type LaunchedGateway, launchGateway, makeSystemBucket, REGION } from './operator-aws.ts';

export type OperatorSystem = Awaited<ReturnType<typeof createOperatorSystem>>;

export async function createOperatorSystem({ endpoint }: { readonly endpoint: string }) {
  const name = `system-${randomUUID().slice(0, 8)}`;
  const ec2 = createEc2(endpoint);
  const bucket = await makeSystemBucket(endpoint, name);
  return {
    name,
    bucket: bucket.name,
    endpoint,
    put: (key: string, text: string): Promise<void> => bucket.put(`${name}/${key}`, text),
    launch: (): Promise<LaunchedGateway> => launchGateway(ec2, name),
    async terminate(id: string): Promise<void> {
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    close: (): void => ec2.destroy(),
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
