import type { Equality } from './equality.ts';
import { quoteText } from './fault.ts';
import type { Report } from './fault-log.ts';
import type { Frame } from './frame.ts';
import type { EdnEntry, EdnMap, EdnName, EdnNode, EdnSequence, EdnSpan } from './node.ts';
import { parseInstant, parseUuid } from './tagged.ts';

const MAX_COMPARED_PAIRWISE = 8;

export interface BuildOptions {
  readonly equality: Equality;
  readonly report: Report;
  readonly isSecret: boolean;
}

/** Makes the form of a collection that is complete, and reports odd maps and what stands twice. */
export function buildCollection(frame: Frame, end: number, options: BuildOptions): EdnMap | EdnSequence {
  const { start, line, column, items } = frame;
  if (frame.kind === 'map') {
    return { kind: 'map', start, end, line, column, entries: buildEntries(frame, options) };
  }
  if (frame.kind === 'set') {
    findTwins(items, options.equality, (first, second) => {
      const message = `${shortName(second, options.isSecret)} stands twice in this set, ${firstAt(first)}`;
      options.report('EDN_DUPLICATE_MEMBER', second, message, 'remove one of them');
    });
  }
  return { kind: frame.kind as EdnSequence['kind'], start, end, line, column, items };
}

const firstAt = (first: EdnNode) => `first at ${first.line}:${first.column}`;

function buildEntries(frame: Frame, { equality, report, isSecret }: BuildOptions): readonly EdnEntry[] {
  const { items } = frame;
  const entries: EdnEntry[] = [];
  const keys: EdnNode[] = [];
  for (let i = 0; i + 1 < items.length; i += 2) {
    const key = qualify(items[i] as EdnNode, frame.namespace);
    keys.push(key);
    entries.push({ key, value: items[i + 1] as EdnNode });
  }
  findTwins(keys, equality, (first, second) => {
    const name = isSecret ? 'this key' : `the key ${shortName(second, isSecret)}`;
    const message = `${name} stands twice in this map, ${firstAt(first)}`;
    report('EDN_DUPLICATE_KEY', second, message, 'keep one of the two entries');
  });
  if (items.length % 2 === 1) {
    const last = items.at(-1) as EdnNode;
    const opened = `the map opened at ${frame.line}:${frame.column}`;
    const message = `${opened} ends with ${shortName(last, isSecret)}, a key without a value`;
    report('EDN_ODD_MAP', last, message, 'give every key a value; the missing one may belong further up');
  }
  return entries;
}

/** Keys of `#:ns{}` take its namespace, unless they have one; the namespace `_` stands for none. */
function qualify(key: EdnNode, namespace: string | null): EdnNode {
  if (namespace === null || (key.kind !== 'keyword' && key.kind !== 'symbol')) return key;
  if (key.namespace !== null && key.namespace !== '_') return key;
  const own = key.namespace === null ? namespace : null;
  const colon = key.kind === 'keyword' ? ':' : '';
  return { ...key, namespace: own, text: `${colon}${own === null ? '' : `${own}/`}${key.name}` };
}

function findTwins(
  nodes: readonly EdnNode[],
  equality: Equality,
  found: (first: EdnNode, second: EdnNode) => void,
): void {
  if (nodes.length < 2) return;
  const keys = nodes.map(equality.keyOf);
  if (nodes.length <= MAX_COMPARED_PAIRWISE) {
    for (let i = 1; i < keys.length; i++) {
      const first = keys.indexOf(keys[i] as string);
      if (first < i) found(nodes[first] as EdnNode, nodes[i] as EdnNode);
    }
    return;
  }
  const seen = new Map<string, EdnNode>();
  for (const [index, key] of keys.entries()) {
    const first = seen.get(key);
    const node = nodes[index] as EdnNode;
    if (first === undefined) seen.set(key, node);
    else found(first, node);
  }
}

export function shortName(node: EdnNode, isSecret: boolean): string {
  if (isSecret) return `a ${node.kind}`;
  if (node.kind === 'keyword' || node.kind === 'symbol' || node.kind === 'integer')
    return quoteText(node.text);
  if (node.kind === 'string') return `"${quoteText(node.value)}"`;
  return `a ${node.kind}`;
}

/** `#inst`, `#uuid`, or any other tag where those are kept. */
export function buildTagged(
  tag: EdnName,
  value: EdnNode,
  span: EdnSpan,
  options: { readonly keepsTags: boolean; readonly isSecret: boolean; readonly report: Report },
): EdnNode {
  if (tag.text === 'inst') {
    const at = value.kind === 'string' ? parseInstant(value.value) : null;
    if (at !== null) return { kind: 'instant', ...span, at };
    return refuseValue(value, span, '#inst needs a time such as "2026-01-31T12:00:00Z"', options.report);
  }
  if (tag.text === 'uuid') {
    const text = value.kind === 'string' ? parseUuid(value.value) : null;
    if (text !== null) return { kind: 'uuid', ...span, text };
    const message = '#uuid needs a string such as "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"';
    return refuseValue(value, span, message, options.report);
  }
  if (options.keepsTags) return { kind: 'tagged', ...span, tag, value };
  const name = options.isSecret ? 'the tag' : `#${quoteText(tag.text)}`;
  const hint = 'remove the tag; only #inst and #uuid are known here';
  options.report('EDN_BAD_TAG', span, `${name} is a tag that no reader knows`, hint);
  return { kind: 'broken', ...span };
}

function refuseValue(value: EdnNode, span: EdnSpan, message: string, report: Report): EdnNode {
  if (value.kind !== 'broken')
    report('EDN_BAD_TAGGED_VALUE', value, message, 'correct the value behind the tag');
  return { kind: 'broken', ...span };
}

/** Stands for what could not be read, so that what surrounds it keeps its shape. */
export const broken = ({ start, end, line, column }: EdnSpan): EdnNode => ({
  kind: 'broken',
  start,
  end,
  line,
  column,
});
