import { broken, buildTagged, shortName } from './build.ts';
import type { Report } from './fault-log.ts';
import type { Frame } from './frame.ts';
import type { EdnNode, EdnSpan } from './node.ts';

export interface PrefixOptions {
  readonly keepsTags: boolean;
  readonly isSecret: boolean;
  readonly report: Report;
}

const CAN_BE_METADATA = new Set<EdnNode['kind']>(['symbol', 'string', 'keyword', 'map', 'broken']);
const CAN_HAVE_METADATA = new Set<EdnNode['kind']>(['symbol', 'list', 'vector', 'set', 'map', 'broken']);
const SYMBOLIC: Readonly<Record<string, number>> = {
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

export function checkMetadata(node: EdnNode, { report, isSecret }: PrefixOptions): void {
  if (CAN_BE_METADATA.has(node.kind)) return;
  const hint = 'metadata is a keyword, a symbol, a string or a map';
  report('EDN_BAD_METADATA', node, `${shortName(node, isSecret)} is no metadata`, hint);
}

/** What comes of a frame that has got its one form; null is nothing. */
export function finishPrefix(
  top: Frame,
  node: EdnNode,
  span: EdnSpan,
  options: PrefixOptions,
): EdnNode | null {
  const { report } = options;
  switch (top.kind) {
    case 'discard':
      return null;
    case 'tagged':
      return top.tag === null ? broken(span) : buildTagged(top.tag, node, span, options);
    case 'unknown':
      return broken(span);
    case 'symbolic':
      return makeSymbolic(node, span, options);
    case 'target':
      if (!CAN_HAVE_METADATA.has(node.kind)) {
        const message = `a ${describeKind(node)} can have no metadata`;
        report('EDN_BAD_METADATA', node, message, 'remove the ^ and what belongs to it');
      }
      return node;
    case 'tag':
      if (node.kind !== 'broken') report('EDN_BAD_TAG', span, 'a tag must be a symbol', 'write #name value');
      return broken(span);
    default:
      if (node.kind !== 'broken') {
        const message = 'the namespace behind #: must be a plain name';
        report('EDN_BAD_NAMESPACE_MAP', span, message, 'write #:namespace{…}');
      }
      return broken(span);
  }
}

function makeSymbolic(node: EdnNode, span: EdnSpan, { report, isSecret }: PrefixOptions): EdnNode {
  const value =
    node.kind === 'symbol' && Object.hasOwn(SYMBOLIC, node.text) ? SYMBOLIC[node.text] : undefined;
  if (value !== undefined) return { kind: 'float', ...span, value };
  if (node.kind !== 'broken') {
    const message = `${shortName(node, isSecret)} is no value behind ##`;
    report('EDN_BAD_DISPATCH', span, message, 'write ##Inf, ##-Inf or ##NaN');
  }
  return broken(span);
}

export const describeKind = (node: EdnNode): string => (node.kind === 'broken' ? 'form' : node.kind);
