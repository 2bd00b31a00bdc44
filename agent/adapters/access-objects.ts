import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MAX_KEY_FILE_BYTES } from '../core/access/key-file.ts';
import { hostKeyOf, publicKeyOf } from '../core/system-keys.ts';
import type { AccessObjects, ObjectRead } from '../ports/access.ts';
import { translateAwsError } from './aws-error.ts';
import { withDeadline } from './deadline.ts';
import { readBody } from './s3-body.ts';
import { findName, findStatus } from './sdk-error.ts';

const CALL_TIMEOUT_MS = 10_000;
/** When the host key was made, in ms since the epoch. */
const MADE_AT = 'made-at';

/** The keys of a system in its bucket. Needs GetObject on both, PutObject on the host key's. */
export function createAccessObjects(options: {
  readonly client: () => Promise<S3Client>;
  readonly bucket: string;
  readonly system: string;
}): AccessObjects {
  const { client, bucket, system } = options;

  const call = async <T>(
    name: string,
    work: (s3: S3Client, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { signal } = new AbortController();
    try {
      return await withDeadline({
        timeoutMs: CALL_TIMEOUT_MS,
        signal,
        work: async (abortSignal) => work(await client(), abortSignal),
      });
    } catch (error) {
      throw translateAwsError(error, name);
    }
  };

  const read = <T>(
    key: string,
    knownTag: string | null,
    decode: (text: string, metadata: Readonly<Record<string, string>>) => T,
  ): Promise<ObjectRead<T>> =>
    call('s3:GetObject', async (s3, abortSignal): Promise<ObjectRead<T>> => {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(knownTag === null ? {} : { IfNoneMatch: knownTag }),
      });
      try {
        const { Body, ETag = '', Metadata = {} } = await s3.send(command, { abortSignal });
        const { bytes, isTooLong } = await readBody({
          body: Body,
          maxBytes: MAX_KEY_FILE_BYTES,
          signal: abortSignal,
          fields: { key },
        });
        if (isTooLong) return { kind: 'too-large' };
        return { kind: 'found', tag: ETag, value: decode(Buffer.from(bytes).toString('utf8'), Metadata) };
      } catch (error) {
        if (findStatus(error) === 304) return { kind: 'unchanged' };
        if (findStatus(error) === 404 && findName(error) !== 'NoSuchBucket') return { kind: 'absent' };
        throw error;
      }
    });

  return {
    readClientKeys: (knownTag) => read(publicKeyOf(system), knownTag, (text) => text),
    readHostKey: () =>
      read(hostKeyOf(system), null, (line, metadata) => ({ line, madeAt: readTime(metadata[MADE_AT]) })),
    putHostKey: ({ line, madeAt }, tag) =>
      call('s3:PutObject', async (s3, abortSignal) => {
        // Encrypted as the bucket is set to; public, in spite of its place among the private keys.
        const command = new PutObjectCommand({
          Bucket: bucket,
          Key: hostKeyOf(system),
          Body: line,
          ContentType: 'text/plain',
          CacheControl: 'no-cache',
          Metadata: { [MADE_AT]: String(madeAt) },
          ...(tag === null ? { IfNoneMatch: '*' } : tag === undefined ? {} : { IfMatch: tag }),
        });
        try {
          await s3.send(command, { abortSignal });
          return true;
        } catch (error) {
          if ([409, 412].includes(findStatus(error) ?? 0)) return false;
          throw error;
        }
      }),
  };
}

function readTime(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
