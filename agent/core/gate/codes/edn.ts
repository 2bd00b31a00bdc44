import type { EdnFaultCode } from '../../edn/fault.ts';
import type { CodeEntry } from './entry.ts';

type Code = EdnFaultCode | 'EDN_NOT_UTF8' | 'EDN_BYTE_ORDER_MARK' | 'EDN_NUL';

/** The text of a metaschema is no EDN. */
export const EDN_CODES = {
  EDN_BAD_CHARACTER: {
    severity: 'error',
    meaning: 'a character literal that EDN does not know',
    example: '{:a \\tabulator}',
    remedy: 'write one character, `\\newline`, `\\space`, `\\tab` or `\\uXXXX`',
  },
  EDN_BAD_DISPATCH: {
    severity: 'error',
    meaning: '`#` is followed by something that EDN does not know',
    example: '{:a #(b)}',
    remedy: 'sets are `#{…}`; functions and regular expressions are Clojure, not EDN',
  },
  EDN_BAD_ESCAPE: {
    severity: 'error',
    meaning: 'an escape in a string that EDN does not know',
    example: '{:a "C:\\data"}',
    remedy: 'write `\\\\` for a backslash',
  },
  EDN_BAD_METADATA: {
    severity: 'error',
    meaning: 'metadata (`^`) where there can be none',
    example: '{:a ^:b "c"}',
    remedy: 'remove the `^` and what belongs to it',
  },
  EDN_BAD_NAMESPACE_MAP: {
    severity: 'error',
    meaning: 'a namespaced map (`#:name{…}`) that is none',
    example: '{:a #:b/c{:d 1}}',
    remedy: 'write `#:namespace{…}`',
  },
  EDN_BAD_NUMBER: {
    severity: 'error',
    meaning: 'what begins with a digit is no number',
    example: '{:a 3rd}',
    remedy: 'correct the number, or write a string',
  },
  EDN_BAD_TAG: {
    severity: 'error',
    meaning: 'a tag other than `#inst` and `#uuid`',
    example: '{:a #env "HOME"}',
    remedy: 'remove the tag: a metaschema is plain data',
  },
  EDN_BAD_TAGGED_VALUE: {
    severity: 'error',
    meaning: 'a value that does not fit its tag',
    example: '{:a #inst "yesterday"}',
    remedy: 'correct the value behind the tag',
  },
  EDN_BAD_TOKEN: {
    severity: 'error',
    meaning: 'neither name nor number',
    example: '{::a 1}',
    remedy: 'a keyword is `:name` or `:namespace/name`',
  },
  EDN_BYTE_ORDER_MARK: {
    severity: 'error',
    meaning: 'the file begins with a byte order mark, which Clojure takes for a name',
    example: '\ufeff{:tables {:artist/gid {}}}',
    remedy: 'save it as UTF-8 without BOM',
  },
  EDN_DUPLICATE_KEY: {
    severity: 'error',
    meaning: 'a map has a key twice',
    example: '{:tables {:artist/gid {} :artist/gid {}}}',
    remedy: 'keep one of the two entries',
  },
  EDN_DUPLICATE_MEMBER: {
    severity: 'error',
    meaning: 'a set has a member twice',
    example: '#{:a :a}',
    remedy: 'remove one of them',
  },
  EDN_EMPTY: {
    severity: 'error',
    meaning: 'there is no form in the file',
    example: '; nothing here',
    remedy: 'write one map, or remove the file',
  },
  EDN_MISSING_FORM: {
    severity: 'error',
    meaning: 'a prefix, such as a tag or `#_`, with nothing behind it',
    example: '{:tables {} #_}',
    remedy: 'remove the prefix, or write what it belongs to',
  },
  EDN_NOT_UTF8: {
    severity: 'error',
    meaning: 'bytes that are no UTF-8',
    example: '; caf\u00e9, saved as ISO-8859-1',
    remedy: 'save the file as UTF-8',
  },
  EDN_NUL: {
    severity: 'error',
    meaning: 'a NUL character: most often the file is UTF-16',
    example: '{\0:\0t\0',
    remedy: 'save the file as UTF-8',
  },
  EDN_ODD_MAP: {
    severity: 'error',
    meaning: 'a map has a key without a value',
    example: '{:tables {:artist/gid}}',
    remedy: 'give every key a value; the missing one may belong further up',
  },
  EDN_TOO_DEEP: {
    severity: 'error',
    meaning: 'forms are nested more than 200 levels deep',
    example: '[[[[…]]]]',
    remedy: 'look for a missing closer further up',
  },
  EDN_TOO_LARGE: {
    severity: 'error',
    meaning: 'there are more than 1,000,000 forms in one file, or more than 16 MiB',
    example: '[1 1 1 …]',
    remedy: 'split the file, or look what was put there',
  },
  EDN_TOO_MANY_FAULTS: {
    severity: 'error',
    meaning: 'there are more than 100 faults in one file',
    example: '[::a ::a …]',
    remedy: 'correct the first ones',
  },
  EDN_TRAILING: {
    severity: 'error',
    meaning: 'something follows the one form of the file',
    example: '{:tables {}} {:joins {}}',
    remedy: 'remove what follows, or look for a closer too many before it',
  },
  EDN_UNBALANCED: {
    severity: 'error',
    meaning: 'a brace, bracket or parenthesis is missing, or is one too many',
    example: '{:tables {:artist/gid {}}',
    remedy: 'the message names the place of the opener and of the closer that does not fit',
  },
  EDN_UNCLOSED_STRING: {
    severity: 'error',
    meaning: 'a string never ends',
    example: '{:tables {:artist/gid {:name "artist}}}',
    remedy: 'add its closing quote',
  },
} as const satisfies Readonly<Record<Code, CodeEntry>>;
