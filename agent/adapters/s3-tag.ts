/** An ETag without its quotes: servers differ in whether a listing shows them. */
export function readTag(etag: string): string {
  return etag.startsWith('"') && etag.endsWith('"') ? etag.slice(1, -1) : etag;
}

/** The tag as the conditions of a request want it. */
export function quoteTag(tag: string): string {
  return `"${tag}"`;
}
