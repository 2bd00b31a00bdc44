import type { EdnName, EdnNode } from './node.ts';

/** Gives equal texts for forms that are `=` in Clojure, and different ones for all others. */
export interface Equality {
  readonly keyOf: (node: EdnNode) => string;
  /** Work done so far, in characters of keys; grows linearly with the size of the forms. */
  readonly steps: () => number;
}

/**
 * Keys of collections are made of small numbers that stand for their members' keys, and are kept per node, so that
 * nested keys cost what they are long, once. The nesting is bounded by the reader, so recursion is safe.
 */
export function createEquality(): Equality {
  const numbers = new Map<string, number>();
  const known = new Map<EdnNode, number>();
  let steps = 0;

  const numberOf = (node: EdnNode): number => {
    const earlier = known.get(node);
    if (earlier !== undefined) return earlier;
    const key = keyOf(node);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    known.set(node, number);
    return number;
  };

  const keyOf = (node: EdnNode): string => {
    const key = collectionKey(node) ?? atomKey(node);
    steps += key.length;
    return key;
  };

  const collectionKey = (node: EdnNode): string | null => {
    switch (node.kind) {
      case 'list':
      case 'vector':
        return `(${node.items.map(numberOf).join(' ')}`;
      case 'set':
        return `s${node.items.map(numberOf).sort(ascending).join(' ')}`;
      case 'map':
        return `m${node.entries
          .map(({ key, value }) => `${numberOf(key)}=${numberOf(value)}`)
          .sort()
          .join(' ')}`;
      case 'tagged':
        return `#${nameKey(node.tag)} ${numberOf(node.value)}`;
      default:
        return null;
    }
  };

  return { keyOf, steps: () => steps };
}

const ascending = (a: number, b: number) => a - b;

function atomKey(node: EdnNode): string {
  switch (node.kind) {
    case 'keyword':
    case 'symbol':
      return nameKey(node);
    case 'string':
      return `"${node.value}`;
    case 'nil':
      return 'nil';
    case 'boolean':
      return node.value ? 'true' : 'false';
    case 'character':
      return `\\${node.value}`;
    case 'integer':
      return node.text;
    case 'float':
      return `f${node.value === 0 ? 0 : node.value}`;
    case 'decimal':
      return `${node.digits}e${node.exponent}`;
    case 'ratio':
      return `${node.numerator}/${node.denominator}`;
    case 'instant':
      return `@${node.at}`;
    case 'uuid':
      return `~${node.text}`;
    default:
      // Something unreadable equals nothing but itself.
      return `!${node.start}`;
  }
}

function nameKey(node: EdnName): string {
  // `#:a{:_/b/c 1}` makes a name with a slash and no namespace, which looks like `:b/c` and is not.
  const isOdd = node.namespace === null && node.name.length > 1 && node.name.includes('/');
  const text = isOdd ? `\0${node.text}` : node.text;
  return node.kind === 'keyword' ? text : `'${text}`;
}
