import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { createS3Client } from '../../agent/adapters/s3-client.ts';

/** A bucket of one test, in the moto server of the run. */
export interface TestBucket {
  readonly name: string;
  readonly endpoint: string;
  put(key: string, body: string | Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
  keys(prefix?: string): Promise<string[]>;
}

/** A client of the agent's own make for an endpoint on loopback. */
export function createTestClient(endpoint: string): S3Client {
  return createS3Client({ region: 'eu-west-1', env: { AWS_ENDPOINT_URL_S3: endpoint } });
}

/** Makes a bucket with a name of its own. `endpoint` is moto's unless a proxy stands before it. */
export async function createBucket(endpoint = inject('motoEndpoint')): Promise<TestBucket> {
  const client = createTestClient(endpoint);
  const name = `test-${randomUUID()}`;
  await client.send(
    new CreateBucketCommand({
      Bucket: name,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  return {
    name,
    endpoint,
    async put(key, body) {
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      await client.send(new PutObjectCommand({ Bucket: name, Key: key, Body: bytes }));
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: name, Key: key }));
    },
    async keys(prefix = '') {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name, Prefix: prefix }));
      return Contents.flatMap(({ Key }) => Key ?? []).sort();
    },
  };
}
