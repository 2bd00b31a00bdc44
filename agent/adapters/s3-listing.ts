import { ListObjectsV2Command, type S3Client, type _Object as S3Object } from '@aws-sdk/client-s3';
import { AgentError } from '../core/errors.ts';
import type { ListedObject } from '../ports.ts';
import type { S3Location } from './s3-location.ts';
import { isTag, readTag } from './s3-tag.ts';

/** A hundred thousand objects. More is no configuration, or a server that never comes to an end. */
const MAX_PAGES = 100;
/** No object of S3 is older than S3, and none comes from the next century: such a time would move the mark for ever. */
const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2100, 0);

/**
 * All objects below the location's prefix: every page, or a rejection. A good status with another document than this
 * listing (an error page, a proxy's log-in form, another prefix, a page that was seen before) would look like a bucket
 * that lost objects, so everything that a listing must hold is asked for, and rejected with SOURCE_TORN where it is not.
 */
export async function listObjects(
  client: S3Client,
  location: S3Location,
  abortSignal: AbortSignal,
): Promise<readonly ListedObject[]> {
  const { bucket, prefix } = location;
  const objects: ListedObject[] = [];
  const keys = new Set<string>();
  const tokens = new Set<string>();
  for (let token: string | null = null; ; ) {
    const command: ListObjectsV2Command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      EncodingType: 'url',
      ...(token === null ? {} : { ContinuationToken: token }),
    });
    const page = await client.send(command, { abortSignal });
    const contents = page.Contents ?? [];
    if (page.KeyCount !== contents.length || typeof page.IsTruncated !== 'boolean') {
      throw torn(location, 'no whole listing');
    }
    const decode = (text: string) => (page.EncodingType === 'url' ? decodeKey(text, location) : text);
    if (page.Prefix === undefined || decode(page.Prefix) !== prefix) throw torn(location, 'another prefix');
    for (const object of contents) {
      const listed = readObject(object, decode, location);
      if (keys.has(listed.key)) throw torn(location, 'a key twice');
      keys.add(listed.key);
      if (listed.object !== null) objects.push(listed.object);
    }
    if (!page.IsTruncated) return objects;
    token = page.NextContinuationToken ?? '';
    if (token === '') throw torn(location, 'a page without continuation');
    if (tokens.has(token)) throw torn(location, 'a continuation that leads back');
    tokens.add(token);
    if (tokens.size >= MAX_PAGES) throw torn(location, `more than ${MAX_PAGES} pages`);
  }
}

function readObject(
  { Key, ETag, Size = Number.NaN, LastModified }: S3Object,
  decode: (text: string) => string,
  location: S3Location,
): { readonly key: string; readonly object: ListedObject | null } {
  const modifiedAt = LastModified?.getTime() ?? Number.NaN;
  const tag = readTag(ETag ?? '');
  const isDated = modifiedAt >= EARLIEST && modifiedAt < LATEST;
  if (Key === undefined || !isTag(tag) || !Number.isSafeInteger(Size) || Size < 0 || !isDated) {
    throw torn(location, 'an object without key, tag, size or time');
  }
  const key = decode(Key);
  if (!key.startsWith(location.prefix) || key === '') throw torn(location, 'a key that was not asked for');
  const located = location.locate(key);
  return { key, object: located === null ? null : { ...located, tag, size: Size, modifiedAt } };
}

/** S3 encodes keys like form fields, since XML 1.0 cannot hold every character that a key can. */
function decodeKey(key: string, location: S3Location): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (cause) {
    throw torn(location, 'a key that cannot be decoded', cause);
  }
}

function torn({ bucket, prefix }: S3Location, found: string, cause?: unknown): AgentError {
  return new AgentError('SOURCE_TORN', 's3 answer is no listing', {
    fields: { bucket, prefix, found },
    cause,
  });
}
