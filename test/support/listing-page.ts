/** Pages of ListObjectsV2 as S3 writes them, taken apart and put together again. */

export interface PageObject {
  /** As it stands in the document: encoded like a form field. */
  readonly key: string;
  readonly modifiedAt?: string;
  readonly etag?: string;
  readonly size?: string;
}

export function printObject({ key, modifiedAt, etag, size }: PageObject): string {
  return (
    `<Contents><Key>${key}</Key><LastModified>${modifiedAt ?? '2026-01-01T00:00:00.000Z'}</LastModified>` +
    `<ETag>${etag ?? '&quot;e&quot;'}</ETag><Size>${size ?? '1'}</Size></Contents>`
  );
}

/** One page with these `<Contents>` elements; with `next` it says that there are more. */
export function printPage(options: {
  readonly prefix: string;
  readonly contents: readonly string[];
  readonly next?: string | null;
  /** What stands before the root element besides the declaration. */
  readonly prolog?: string;
}): string {
  const { prefix, contents, next = null, prolog = '' } = options;
  const more = next === null ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>${prolog}<ListBucketResult><Name>b</Name>` +
    `<Prefix>${prefix}</Prefix><EncodingType>url</EncodingType><MaxKeys>1000</MaxKeys>` +
    `<KeyCount>${contents.length}</KeyCount><IsTruncated>${next !== null}</IsTruncated>${more}` +
    `${contents.join('')}</ListBucketResult>`
  );
}

/** The `<Contents>` elements of a page, each as text. */
export function readContents(page: string): string[] {
  return page.match(/<Contents>.*?<\/Contents>/gsu) ?? [];
}

export function readNext(page: string): string | null {
  return /<NextContinuationToken>(.*?)<\/NextContinuationToken>/su.exec(page)?.[1] ?? null;
}
