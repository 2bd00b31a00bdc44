import type { ListObjectsV2CommandOutput, _Object as S3Object } from '@aws-sdk/client-s3';
import { AgentError } from '../core/errors.ts';
import type { ListedObject } from '../ports.ts';
import type { S3Location } from './s3-location.ts';
import { readTag } from './s3-tag.ts';

/**
 * The objects of one page. A good status with another document than a listing (an error page, a proxy's log-in form)
 * would look like an empty bucket, so everything that a listing must hold is asked for.
 */
export function readPage(page: ListObjectsV2CommandOutput, location: S3Location): readonly ListedObject[] {
  const contents = page.Contents ?? [];
  if (page.KeyCount !== contents.length || typeof page.IsTruncated !== 'boolean') {
    throw torn(location, 'no whole listing');
  }
  if (page.IsTruncated && (page.NextContinuationToken ?? '') === '') {
    throw torn(location, 'a page without continuation');
  }
  return contents.flatMap((object) => readObject(object, page.EncodingType === 'url', location) ?? []);
}

function readObject(object: S3Object, isEncoded: boolean, location: S3Location): ListedObject | null {
  const { Key, ETag, Size, LastModified } = object;
  const modifiedAt = LastModified?.getTime() ?? Number.NaN;
  if (Key === undefined || ETag === undefined || Size === undefined || !Number.isFinite(modifiedAt)) {
    throw torn(location, 'an object without key, tag, size or time');
  }
  const located = location.locate(isEncoded ? decodeKey(Key, location) : Key);
  return located === null ? null : { ...located, tag: readTag(ETag), size: Size, modifiedAt };
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
