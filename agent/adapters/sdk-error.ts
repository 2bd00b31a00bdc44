/** HTTP status of what the SDK threw; null when there was no response. */
export function findStatus(error: unknown): number | null {
  const metadata = readField(error, '$metadata');
  const status =
    readField(metadata, 'httpStatusCode') ?? readField(readField(error, '$response'), 'statusCode');
  return typeof status === 'number' ? status : null;
}

/** The error code of S3 (`NoSuchBucket`), or the name of what was thrown. */
export function findName(error: unknown): string {
  const name = readField(error, 'name');
  return typeof name === 'string' ? name : 'unknown';
}

/** A field of something that may be no object. */
export function readField(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
