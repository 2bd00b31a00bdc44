import type { EdnSpan } from './node.ts';

export type EdnFaultCode =
  | 'EDN_EMPTY'
  | 'EDN_TRAILING'
  | 'EDN_UNBALANCED'
  | 'EDN_UNCLOSED_STRING'
  | 'EDN_ODD_MAP'
  | 'EDN_DUPLICATE_KEY'
  | 'EDN_DUPLICATE_MEMBER'
  | 'EDN_BAD_TOKEN'
  | 'EDN_BAD_NUMBER'
  | 'EDN_BAD_CHARACTER'
  | 'EDN_BAD_ESCAPE'
  | 'EDN_BAD_DISPATCH'
  | 'EDN_BAD_METADATA'
  | 'EDN_BAD_NAMESPACE_MAP'
  | 'EDN_BAD_TAG'
  | 'EDN_BAD_TAGGED_VALUE'
  | 'EDN_MISSING_FORM'
  | 'EDN_TOO_DEEP'
  | 'EDN_TOO_LARGE'
  | 'EDN_TOO_MANY_FAULTS';

/** Why the text is no EDN, where, and what to do about it. */
export interface EdnFault extends EdnSpan {
  readonly code: EdnFaultCode;
  readonly message: string;
  readonly hint: string;
}

const MAX_QUOTED = 40;
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Text of a document as it may stand in a message: short, on one line, nothing invisible. */
export function quoteText(text: string): string {
  if (text.length <= MAX_QUOTED && PRINTABLE_ASCII.test(text)) return text;
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return short.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
