import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { AgentError } from '../core/errors.ts';
import { MAX_MANIFEST_BYTES } from '../core/manifest.ts';
import { MANIFEST_PATH } from '../core/source/path.ts';
import type { ConfigSource } from '../ports.ts';
import { DeadlineError, withDeadline } from './deadline.ts';
import { readBody } from './s3-body.ts';
import { translateS3Error } from './s3-client.ts';
import { listObjects } from './s3-listing.ts';
import { parseS3Uri } from './s3-location.ts';
import { quoteTag, readWholeTag } from './s3-tag.ts';
import { findName, findStatus } from './sdk-error.ts';

const CALL_TIMEOUT_MS = 10_000;

interface Got {
  readonly tag: string;
  readonly bytes: Uint8Array;
  readonly isTooLong: boolean;
}

/**
 * Configuration in S3. `group` is the name of the one group when `uri` has a prefix; `system` is needed when it
 * has none. `callTimeoutMs` covers each call of the port with its body, a listing with all its pages.
 */
export function createS3ConfigSource(options: {
  readonly client: S3Client;
  readonly uri: string;
  readonly system: string | null;
  readonly group: string;
  readonly callTimeoutMs?: number;
}): ConfigSource {
  const { client, uri, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const location = parseS3Uri(options);
  const { bucket, prefix } = location;

  const call = async <Result>(
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await withDeadline({ timeoutMs: callTimeoutMs, signal, work });
    } catch (error) {
      throw translateS3Error(error, { bucket, ...fields });
    }
  };

  const get = async (
    request: { readonly key: string; readonly ifMatch?: string; readonly ifNoneMatch?: string },
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<Got> => {
    const { key, ifMatch, ifNoneMatch } = request;
    let hasAnswer = false;
    const fields = { bucket, key };
    const work = async (abortSignal: AbortSignal) => {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(ifMatch === undefined ? {} : { IfMatch: quoteTag(ifMatch) }),
        ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: quoteTag(ifNoneMatch) }),
      });
      const answer = await client.send(command, { abortSignal });
      hasAnswer = true;
      const body = await readBody({ body: answer.Body, maxBytes, signal: abortSignal, fields });
      // A log-in page on the way has none.
      return { tag: readWholeTag(answer.ETag, fields), ...body };
    };
    try {
      return await withDeadline({ timeoutMs: callTimeoutMs, signal, work });
    } catch (error) {
      if (!hasAnswer || !(error instanceof DeadlineError) || error.isAbandoned) throw error;
      throw new AgentError('SOURCE_TORN', 's3 body stalled', { fields, cause: error });
    }
  };

  return {
    uri,

    list: (signal) => call({ prefix }, signal, (abortSignal) => listObjects(client, location, abortSignal)),

    async read(object, signal) {
      const key = location.keyOf(object.group, object.path);
      try {
        const got = await get({ key, ifMatch: object.tag }, object.size, signal);
        // A cache, or a server that knows no conditions, gives the version that it has.
        if (got.tag !== object.tag) return null;
        if (got.isTooLong || got.bytes.length !== object.size) {
          const fields = { bucket, key, listed: object.size, got: got.bytes.length };
          throw new AgentError('SOURCE_TORN', 's3 body is not as long as listed', { fields });
        }
        return got.bytes;
      } catch (error) {
        const status = findStatus(error);
        if (status === 412 || (status === 404 && findName(error) === 'NoSuchKey')) return null;
        throw translateS3Error(error, { bucket, key });
      }
    },

    async readManifest(group, knownTag, signal) {
      const key = location.keyOf(group, MANIFEST_PATH);
      try {
        const condition = knownTag === null ? {} : { ifNoneMatch: knownTag };
        // One byte more than is accepted: enough to be told apart, and whoever parses it refuses it by its length.
        const { tag, bytes } = await get({ key, ...condition }, MAX_MANIFEST_BYTES + 1, signal);
        return { kind: 'found', tag, bytes };
      } catch (error) {
        const status = findStatus(error);
        if (status === 304) return { kind: 'unchanged' };
        if (status === 404 && findName(error) === 'NoSuchKey') return { kind: 'absent' };
        throw translateS3Error(error, { bucket, key });
      }
    },

    // S3 tells nobody of changes; the reader polls.
    watch: async () => ({ close: async () => undefined }),
  };
}
