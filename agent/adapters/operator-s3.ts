import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AgentError } from '../core/errors.ts';
import type { Bucket, WriteCondition } from '../ports/operators.ts';
import { callAws, type OperatorConfig, type OperatorEnvironment } from './operator-config.ts';
import { readBody } from './s3-body.ts';
import { findS3Endpoint } from './s3-client.ts';
import { limitDocuments } from './s3-documents.ts';
import { listObjects } from './s3-listing.ts';
import { quoteTag, readTag } from './s3-tag.ts';
import { findName, findStatus } from './sdk-error.ts';

/** All pages of one listing. */
const LIST_TIMEOUT_MS = 60_000;

/** Makes buckets that share one client. Needs `s3:ListBucket` and the rights of the calls that are made. */
export function createOperatorBuckets(
  config: OperatorConfig,
  env: OperatorEnvironment,
): (name: string) => Bucket {
  const endpoint = findS3Endpoint(env);
  const client = limitDocuments(
    new S3Client({ ...config, ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }) }),
  );
  return (name) => createBucket(client, name);
}

function createBucket(client: S3Client, name: string): Bucket {
  const resource = (key: string) => `s3://${name}/${key}`;
  const whole = { bucket: name, keyOf: (_group: string, path: string) => path, locate: locateWhole };
  return {
    name,
    list: (prefix, signal) =>
      callAws(
        { call: 's3:ListBucket', resource: resource(prefix), timeoutMs: LIST_TIMEOUT_MS },
        signal,
        async (abortSignal) => {
          const objects = await listObjects(client, { ...whole, prefix }, abortSignal);
          return objects.map(({ path, tag, size, modifiedAt }) => ({ key: path, tag, size, modifiedAt }));
        },
      ),

    read: (key, { maxBytes, tag }, signal) =>
      callAws({ call: 's3:GetObject', resource: resource(key) }, signal, async (abortSignal) => {
        const command = new GetObjectCommand({
          Bucket: name,
          Key: key,
          ...(tag === undefined ? {} : { IfMatch: quoteTag(tag) }),
        });
        try {
          const answer = await client.send(command, { abortSignal });
          const fields = { call: 's3:GetObject', resource: resource(key) };
          const body = await readBody({ body: answer.Body, maxBytes, signal: abortSignal, fields });
          if (body.isTooLong) throw new AgentError('OPERATOR_REFUSED', 'object is too large', { fields });
          return {
            tag: readTag(answer.ETag ?? ''),
            bytes: body.bytes,
            modifiedAt: answer.LastModified?.getTime() ?? 0,
          };
        } catch (error) {
          if (isGone(error) || findStatus(error) === 412) return null;
          throw error;
        }
      }),

    write: (key, bytes, condition, signal) =>
      callAws({ call: 's3:PutObject', resource: resource(key) }, signal, async (abortSignal) => {
        const command = new PutObjectCommand({
          Bucket: name,
          Key: key,
          Body: bytes,
          ...conditionOf(condition),
        });
        try {
          return readTag((await client.send(command, { abortSignal })).ETag ?? '');
        } catch (error) {
          // 409: another conditional write of the same key is under way. 404: what should be replaced is gone.
          if (isGone(error) || findStatus(error) === 412 || findStatus(error) === 409) return null;
          throw error;
        }
      }),

    remove: (key, tag, signal) =>
      callAws({ call: 's3:DeleteObject', resource: resource(key) }, signal, async (abortSignal) => {
        const command = new DeleteObjectCommand({ Bucket: name, Key: key, IfMatch: quoteTag(tag) });
        try {
          await client.send(command, { abortSignal });
          return true;
        } catch (error) {
          if (isGone(error)) return true;
          if (findStatus(error) === 412 || findStatus(error) === 409) return false;
          throw error;
        }
      }),
  };
}

/** A listing of the whole bucket: paths are keys. */
const locateWhole = (key: string) => ({ group: '', path: key });

const isGone = (error: unknown) => findStatus(error) === 404 && findName(error) === 'NoSuchKey';

function conditionOf(condition: WriteCondition): { IfMatch?: string; IfNoneMatch?: string } {
  if (condition.kind === 'absent') return { IfNoneMatch: '*' };
  return condition.kind === 'tag' ? { IfMatch: quoteTag(condition.tag) } : {};
}
