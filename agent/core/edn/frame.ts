import { quoteText } from './fault.ts';
import type { EdnName, EdnNode, EdnSpan } from './node.ts';

/**
 * What has begun and waits for more forms. Collections wait for their closer; the others wait for one form:
 * `discard` drops it, `meta` takes it for metadata and becomes `target`, `tag` takes it for a tag and becomes
 * `tagged`, `symbolic` is `##`, `unknown` a `#` that is reported and takes its form with it, `namespace` is `#:`, which takes a name and becomes
 * `namespaced`, and that turns into the map that must follow.
 */
export type FrameKind =
  | 'list'
  | 'vector'
  | 'map'
  | 'set'
  | 'discard'
  | 'meta'
  | 'target'
  | 'tag'
  | 'tagged'
  | 'symbolic'
  | 'namespace'
  | 'unknown'
  | 'namespaced';

export interface Frame {
  kind: FrameKind;
  readonly start: number;
  readonly line: number;
  readonly column: number;
  /** What it is called in messages: `:joins`, `the vector`. */
  readonly label: string;
  readonly items: EdnNode[];
  /** Of a `#:ns{}` map. */
  namespace: string | null;
  /** Of a tagged element whose tag is read. */
  tag: EdnName | null;
}

const CLOSERS: Readonly<Record<FrameKind, string>> = {
  list: ')',
  vector: ']',
  map: '}',
  set: '}',
  discard: '',
  meta: '',
  target: '',
  tag: '',
  tagged: '',
  symbolic: '',
  namespace: '',
  unknown: '',
  namespaced: '',
};

/** The character that closes a collection; empty for what waits for one form. */
export const closerOf = (frame: Frame): string => CLOSERS[frame.kind];

export const isCollection = (frame: Frame): boolean => CLOSERS[frame.kind] !== '';

/** What a map's value is called: by its key, when that is a keyword. */
export function labelOf(kind: FrameKind, parent: Frame | undefined, isSecret: boolean): string {
  if (parent !== undefined && parent.kind === 'map' && parent.items.length % 2 === 1) {
    const key = parent.items.at(-1);
    if (key?.kind === 'keyword' && key.text.length <= 60 && !isSecret) return quoteText(key.text);
  }
  return `the ${kind}`;
}

/** What a frame that waits for one form is called, and what it misses. */
export function missingForm(frame: Frame): { readonly message: string; readonly hint: string } {
  switch (frame.kind) {
    case 'discard':
      return { message: '#_ has no form to discard', hint: 'remove the #_, or put the form behind it' };
    case 'meta':
      return { message: '^ has no metadata behind it', hint: 'remove the ^' };
    case 'target':
      return { message: 'the metadata after ^ belongs to no form', hint: 'remove the metadata' };
    case 'symbolic':
      return { message: '## has nothing behind it', hint: 'write ##Inf, ##-Inf or ##NaN' };
    case 'namespace':
    case 'namespaced':
      return { message: '#: has no namespace behind it', hint: 'write #:namespace{…}' };
    default:
      return {
        message: 'the tag has no value behind it',
        hint: 'remove the tag, or put its value behind it',
      };
  }
}

const place = (frame: Frame) => `${frame.line}:${frame.column}`;

export interface LastClosed extends EdnSpan {
  readonly closer: string;
  readonly frame: Frame;
}

/**
 * The finding for collections that the end of the text leaves open, the innermost last. It stands at the last closer,
 * which most often closes less than was meant; or at the innermost opener, when no closer follows that.
 */
export function describeOpen(
  open: readonly Frame[],
  last: LastClosed | null,
): { readonly span: EdnSpan; readonly message: string; readonly hint: string } {
  const inner = open.at(-1) as Frame;
  const which =
    open.length === 1
      ? `${describeFrame(inner)} opened at ${place(inner)} is never closed`
      : `${open.length} collections are never closed: ${describeSome(open)}`;
  const closers = open.map(closerOf).toReversed().join('');
  const shown = closers.length > 20 ? `${closers.slice(0, 20)}…` : closers;
  const hint = `add ${shown} at the end of the file`;
  if (last === null || last.start < inner.start) {
    const { start, line, column } = inner;
    return { span: { start, end: start + 1, line, column }, message: which, hint };
  }
  const { start, end, line, column } = last;
  const message = `this ${last.closer} closes ${last.frame.label}, opened at ${place(last.frame)}; ${which}`;
  return { span: { start, end, line, column }, message, hint };
}

function describeSome(open: readonly Frame[]): string {
  const shown = open.slice(-3).map((frame) => `${describeFrame(frame)} opened at ${place(frame)}`);
  return shown.length < open.length ? `… ${shown.join(', ')}` : shown.join(', ');
}

function describeFrame(frame: Frame): string {
  return frame.label.startsWith('the ') ? frame.label : `the ${frame.kind} of ${frame.label}`;
}

/** The finding for a closer that does not fit what is open. */
export function describeMismatch(
  closer: string,
  top: Frame | undefined,
): { readonly message: string; readonly hint: string } {
  if (top === undefined) {
    return {
      message: `this ${closer} closes nothing: no collection is open here`,
      hint: `remove the ${closer}`,
    };
  }
  return {
    message: `this ${closer} does not close ${describeFrame(top)}, opened at ${place(top)}, which needs a ${closerOf(top)}`,
    hint: `write ${closerOf(top)} here, or close ${describeFrame(top)} before it`,
  };
}
