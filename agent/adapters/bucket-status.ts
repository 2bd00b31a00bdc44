import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Status } from '../core/status.ts';
import type { Remote } from '../ports.ts';
import { translateAwsError } from './aws-error.ts';
import { withDeadline } from './deadline.ts';

const CALL_TIMEOUT_MS = 10_000;

/** The copy of the status in S3: `<system>/datomic/gateway/status/NAME.json`. Needs PutObject there. */
export function createS3StatusCopy(options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly system: string;
  /** Instance id or host name. */
  readonly name: () => string;
}): Remote<Status> {
  const { client, bucket, system, name } = options;
  return {
    async send(status, signal) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: `${system}/datomic/gateway/status/${name().replaceAll(/[^A-Za-z0-9._-]/g, '_')}.json`,
        Body: `${JSON.stringify(status, null, 1)}\n`,
        ContentType: 'application/json',
        CacheControl: 'no-cache',
      });
      const work = (abortSignal: AbortSignal) => client.send(command, { abortSignal });
      try {
        await withDeadline({ timeoutMs: CALL_TIMEOUT_MS, signal, work });
      } catch (error) {
        throw translateAwsError(error, 's3:PutObject');
      }
    },
  };
}
