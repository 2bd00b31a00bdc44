import { AgentError } from '../core/errors.ts';

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

/** The tag of an answer. Throws SOURCE_TORN where there is none: without it nobody knows which version this is. */
export function readWholeTag(etag: string | undefined, fields: Readonly<Record<string, unknown>>): string {
  const tag = readTag(etag ?? '');
  if (!isTag(tag)) throw new AgentError('SOURCE_TORN', 's3 answer has no tag', { fields });
  return tag;
}

/** The tag as the conditions of a request want it. */
export function quoteTag(tag: string): string {
  return `"${tag}"`;
}
