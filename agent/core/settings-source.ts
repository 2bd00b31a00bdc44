/** Where the source is, as `source.uri` says it. */
export type SourceLocation =
  /** `s3://BUCKET`: the original layout, all groups, under the system's name. */
  | { readonly kind: 's3-layout'; readonly bucket: string }
  /** `s3://BUCKET/PREFIX/`: that prefix is the one etc directory. Ends with a slash. */
  | { readonly kind: 's3-prefix'; readonly bucket: string; readonly prefix: string }
  /** `file:///DIR`: that directory is the one etc directory. Absolute, without a slash at its end. */
  | { readonly kind: 'directory'; readonly path: string };

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The location, or one sentence (lower case) on what was expected instead. */
export function parseSourceUri(uri: string): SourceLocation | string {
  if (uri.startsWith('s3://')) return parseS3(uri);
  if (uri.startsWith('file:')) return parseFile(uri);
  return 'expected s3://BUCKET, s3://BUCKET/PREFIX/ or file:///DIR';
}

function parseS3(uri: string): SourceLocation | string {
  const [bucket = '', ...rest] = uri.slice('s3://'.length).split('/');
  const prefix = rest.join('/');
  if (!BUCKET.test(bucket)) return 'expected a bucket name (3 to 63 of a-z, 0-9, "." and "-") after s3://';
  if (prefix === '') return { kind: 's3-layout', bucket };
  if (!prefix.endsWith('/')) return `expected a prefix that ends with a slash: s3://${bucket}/${prefix}/`;
  if (prefix.split('/').slice(0, -1).some(isNoName))
    return 'expected a prefix without empty, "." or ".." parts';
  return { kind: 's3-prefix', bucket, prefix };
}

function parseFile(uri: string): SourceLocation | string {
  const encoded = /^file:\/\/(\/[^?#]*)$/.exec(uri)?.[1];
  const path = encoded === undefined ? null : decode(encoded);
  if (path === null) return 'expected three slashes and an absolute directory: file:///DIR';
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === '') return 'expected a directory other than / itself';
  if (trimmed.split('/').slice(1).some(isNoName)) return 'expected a path without empty, "." or ".." parts';
  return { kind: 'directory', path: trimmed };
}

function isNoName(part: string): boolean {
  return part === '' || part === '.' || part === '..';
}

function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // A stray % is no address; the caller says what is.
    return null;
  }
}
