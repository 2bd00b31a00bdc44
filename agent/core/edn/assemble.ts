import { broken, buildCollection } from './build.ts';
import { createEquality } from './equality.ts';
import type { Report } from './fault-log.ts';
import {
  closerOf,
  describeMismatch,
  describeOpen,
  type Frame,
  type FrameKind,
  isCollection,
  type LastClosed,
  labelOf,
  missingForm,
} from './frame.ts';
import type { EdnNode, EdnSpan } from './node.ts';
import { checkMetadata, describeKind, finishPrefix } from './prefix.ts';

/** Puts forms together from what the scanner meets. The stack is explicit, so no depth overflows. */
export interface Assembler {
  /** Something begins that waits for a closer or for one form. */
  readonly open: (kind: FrameKind, span: EdnSpan) => void;
  /** A form is complete. */
  readonly take: (node: EdnNode) => void;
  readonly close: (closer: string, span: EdnSpan) => void;
  /** The text is over. */
  readonly finish: () => void;
  /** The text is over in the middle of something: what is open says nothing. */
  readonly abandon: () => void;
  /** `#:name` stands open: only a map may follow. */
  readonly needsMap: () => boolean;
  /** Something else follows `#:name`. */
  readonly missMap: () => void;
  readonly forms: readonly EdnNode[];
  readonly isDone: () => boolean;
  readonly isBalanced: () => boolean;
  readonly steps: () => number;
}

export interface AssemblerOptions {
  readonly forms: 'single' | 'first' | 'all';
  readonly keepsTags: boolean;
  readonly maxDepth: number;
  readonly maxForms: number;
  readonly isSecret: boolean;
  readonly report: Report;
}

export function createAssembler(options: AssemblerOptions): Assembler {
  const { report, isSecret } = options;
  const forms: EdnNode[] = [];
  const stack: Frame[] = [];
  const equality = createEquality();
  let isDone = false;
  let isBalanced = true;
  let lastClosed: LastClosed | null = null;
  let collapsed = 0;
  let count = 0;

  const open = (kind: FrameKind, span: EdnSpan): void => {
    const { start, line, column } = span;
    if (stack.length >= options.maxDepth) {
      const hint = 'no configuration is that deep; look for a missing closer further up';
      report('EDN_TOO_DEEP', span, `this is nested more than ${options.maxDepth} levels deep`, hint);
      isBalanced = false;
      isDone = true;
      return;
    }
    const below = stack.at(-1);
    let namespace: string | null = null;
    let begin = { start, line, column };
    if (below?.kind === 'namespaced') {
      namespace = below.namespace;
      begin = below;
      stack.pop();
    }
    const label = labelOf(kind, stack.at(-1), isSecret);
    const { start: from, line: atLine, column: atColumn } = begin;
    stack.push({ kind, start: from, line: atLine, column: atColumn, label, items: [], namespace, tag: null });
  };

  const take = (complete: EdnNode): void => {
    count++;
    if (count > options.maxForms) {
      stopAt(complete);
      return;
    }
    let node: EdnNode | null = complete;
    while (node !== null) {
      const top = stack.at(-1);
      if (top === undefined) {
        takeForm(node);
        return;
      }
      if (isCollection(top)) {
        top.items.push(node);
        return;
      }
      node = feed(top, node);
    }
  };

  const stopAt = (node: EdnNode): void => {
    const message = `there are more than ${options.maxForms} forms; reading ended here`;
    report(
      'EDN_TOO_LARGE',
      node,
      message,
      'no configuration is that large; split it, or look what was put here',
    );
    isBalanced = false;
    isDone = true;
  };

  const takeForm = (node: EdnNode): void => {
    if (options.forms === 'single' && forms.length > 0) {
      if (isBalanced) {
        const hint = 'remove what follows the first form, or look for a closer too many before it';
        report('EDN_TRAILING', node, `the file’s one form ended before this ${describeKind(node)}`, hint);
      }
      isDone = true;
      return;
    }
    forms.push(node);
    isDone = options.forms === 'first';
  };

  /** Gives a form to what waits for one; what comes out goes to the frame below, null is nothing. */
  const feed = (top: Frame, node: EdnNode): EdnNode | null => {
    const span = { start: top.start, end: node.end, line: top.line, column: top.column };
    if (top.kind === 'meta') {
      checkMetadata(node, options);
      top.kind = 'target';
      return null;
    }
    if (top.kind === 'tag' && node.kind === 'symbol') {
      top.kind = 'tagged';
      top.tag = node;
      return null;
    }
    if (top.kind === 'namespace' && node.kind === 'symbol' && node.namespace === null) {
      top.kind = 'namespaced';
      top.namespace = node.name;
      return null;
    }
    stack.pop();
    return finishPrefix(top, node, span, options);
  };

  const close = (closer: string, span: EdnSpan): void => {
    abandonPrefixes();
    const top = stack.at(-1);
    if (top === undefined || closerOf(top) !== closer) {
      mismatch(closer, top, span);
      return;
    }
    stack.pop();
    lastClosed = { closer, frame: top, ...span };
    take(buildCollection(top, span.end, { equality, report, isSecret }));
  };

  /** Frames that still wait for their one form when the collection around them ends. */
  const abandonPrefixes = (): void => {
    for (let top = stack.at(-1); top !== undefined && !isCollection(top); top = stack.at(-1)) {
      const span = { start: top.start, end: top.start + 1, line: top.line, column: top.column };
      const { message, hint } = missingForm(top);
      report('EDN_MISSING_FORM', span, message, hint);
      stack.pop();
      if (top.kind !== 'discard') take(broken(span));
    }
  };

  const mismatch = (closer: string, top: Frame | undefined, span: EdnSpan): void => {
    if (isBalanced) {
      const { message, hint } = describeMismatch(closer, top);
      report('EDN_UNBALANCED', span, message, hint);
    }
    isBalanced = false;
    if (top === undefined) return;
    // Closers are more often forgotten than mistyped: close up to the collection that fits, if there is one.
    const fits = stack.findLastIndex((frame) => closerOf(frame) === closer);
    const depth = fits === -1 ? stack.length - 1 : fits;
    collapsed += stack.length - depth;
    const { start, line, column } = stack[depth] ?? top;
    stack.length = depth;
    take(broken({ start, end: span.end, line, column }));
  };

  const finish = (): void => {
    const openFrames = stack.filter(isCollection);
    if (openFrames.length === 0) {
      abandonPrefixes();
      return;
    }
    if (isBalanced) {
      const { span, message, hint } = describeOpen(openFrames, lastClosed);
      report('EDN_UNBALANCED', span, message, hint);
    }
    isBalanced = false;
  };

  const needsMap = () => stack.at(-1)?.kind === 'namespaced';

  return {
    open,
    take,
    close,
    finish,
    abandon: () => {
      isBalanced = false;
      isDone = true;
    },
    needsMap,
    missMap: () => {
      const top = stack.pop();
      if (top === undefined) return;
      const span = { start: top.start, end: top.start + 2, line: top.line, column: top.column };
      report(
        'EDN_BAD_NAMESPACE_MAP',
        span,
        '#: and its namespace need a map behind them',
        'write #:namespace{…}',
      );
      take(broken(span));
    },
    forms,
    isDone: () => isDone,
    isBalanced: () => isBalanced,
    steps: () => equality.steps() + collapsed,
  };
}
