import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MAX_BASELINE_BYTES } from '../core/baseline-document.ts';
import { AgentError } from '../core/errors.ts';
import { isGroupName } from '../core/source/path.ts';
import { baselinePrefix } from '../core/system-keys.ts';
import type { BucketMemory } from '../ports.ts';
import { translateAwsError } from './aws-error.ts';
import { withDeadline } from './deadline.ts';
import { readBody } from './s3-body.ts';
import { listObjects } from './s3-listing.ts';
import type { S3Location } from './s3-location.ts';
import { quoteTag, readTag, readWholeTag } from './s3-tag.ts';
import { findName, findStatus } from './sdk-error.ts';

const CALL_TIMEOUT_MS = 10_000;
/** More groups than a system has; the rest is not looked at. */
const MAX_GROUPS = 100;

/** Baselines in S3: `<system>/datomic/gateway/baseline/GROUP.json`. Needs ListBucket, GetObject and PutObject there. */
export function createS3BucketMemory(options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly system: string;
  readonly callTimeoutMs?: number;
}): BucketMemory {
  const { client, bucket, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const prefix = baselinePrefix(options.system);
  const keyOf = (group: string) => `${prefix}${group}.json`;
  const location: S3Location = {
    bucket,
    prefix,
    keyOf,
    locate: (key) => ({ group: '', path: key.slice(prefix.length) }),
  };

  const call = async <T>(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    try {
      return await withDeadline({ timeoutMs: callTimeoutMs, signal, work });
    } catch (error) {
      if (error instanceof AgentError && error.code === 'SOURCE_TORN') {
        const fields = { call: name, reason: error.message };
        throw new AgentError('AWS_UNREACHABLE', 'answer is not whole', { fields, cause: error });
      }
      throw translateAwsError(error, name);
    }
  };

  return {
    groups: (signal) =>
      call('s3:ListBucket', signal, async (abortSignal) => {
        const listed = await listObjects(client, location, abortSignal);
        return listed
          .map(({ path }) => path)
          .filter((name) => name.endsWith('.json'))
          .map((name) => name.slice(0, -'.json'.length))
          .filter(isGroupName)
          .slice(0, MAX_GROUPS);
      }),

    read: (group, signal) =>
      call('s3:GetObject', signal, async (abortSignal) => {
        const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(group) });
        try {
          const answer = await client.send(command, { abortSignal });
          const fields = { bucket, key: keyOf(group) };
          const maxBytes = MAX_BASELINE_BYTES;
          const body = await readBody({ body: answer.Body, maxBytes, signal: abortSignal, fields });
          if (body.isTooLong) {
            throw new AgentError('BASELINE_UNUSABLE', 'saved baseline is too large to be one', { fields });
          }
          return { tag: readWholeTag(answer.ETag, fields), bytes: body.bytes };
        } catch (error) {
          if (findStatus(error) === 404 && findName(error) === 'NoSuchKey') return null;
          throw error;
        }
      }),

    write: (group, bytes, tag, signal) =>
      call('s3:PutObject', signal, async (abortSignal) => {
        const command = new PutObjectCommand({
          Bucket: bucket,
          Key: keyOf(group),
          Body: bytes,
          ContentType: 'application/json',
          ...(tag === null ? { IfNoneMatch: '*' } : { IfMatch: quoteTag(tag) }),
        });
        try {
          return readTag((await client.send(command, { abortSignal })).ETag ?? '');
        } catch (error) {
          // 409: another conditional write of the same key is under way. 404: what should be replaced is gone.
          const status = findStatus(error);
          const isGone = status === 404 && findName(error) === 'NoSuchKey';
          if (status === 412 || status === 409 || isGone) return null;
          throw error;
        }
      }),
  };
}
