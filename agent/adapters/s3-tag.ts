const MAX_TAG_LENGTH = 256;
const PRINTABLE = /^[\x21\x23-\x7e]+$/u;

/** An ETag without its quotes: servers differ in whether a listing shows them. */
export function readTag(etag: string): string {
  return etag.length > 1 && etag.startsWith('"') && etag.endsWith('"') ? etag.slice(1, -1) : etag;
}

/** Whether it can be told apart from others and sent back in a header. */
export function isTag(tag: string): boolean {
  return tag.length <= MAX_TAG_LENGTH && PRINTABLE.test(tag);
}

/** The tag as the conditions of a request want it. */
export function quoteTag(tag: string): string {
  return `"${tag}"`;
}
