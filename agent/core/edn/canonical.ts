import { compareText } from '../digest.ts';
import type { EdnEntry, EdnNode } from './node.ts';

/**
 * Prints what a form means and nothing else: no comments, no layout, keys and set members sorted, numbers and
 * strings in one notation. Equal forms of one kind print alike; a list and a vector stay different.
 */
export function canonicalEdn(node: EdnNode): string {
  switch (node.kind) {
    case 'nil':
      return 'nil';
    case 'boolean':
      return String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'character':
      return `\\u${node.value.charCodeAt(0).toString(16).padStart(4, '0')}`;
    case 'integer':
    case 'keyword':
    case 'symbol':
      return node.text;
    case 'float':
      return printFloat(node.value);
    case 'decimal':
      return `${node.digits}e${node.exponent}M`;
    case 'ratio':
      return `${node.numerator}/${node.denominator}`;
    case 'instant':
      return `#inst ${node.at}`;
    case 'uuid':
      return `#uuid "${node.text}"`;
    case 'tagged':
      return `#${node.tag.text} ${canonicalEdn(node.value)}`;
    case 'list':
      return `(${node.items.map(canonicalEdn).join(' ')})`;
    case 'vector':
      return `[${node.items.map(canonicalEdn).join(' ')}]`;
    case 'set':
      return `#{${node.items.map(canonicalEdn).sort(compareText).join(' ')}}`;
    case 'map':
      return `{${node.entries.map(printEntry).sort(compareText).join(' ')}}`;
    case 'broken':
      return '#<broken>';
  }
}

const printEntry = ({ key, value }: EdnEntry) => `${canonicalEdn(key)} ${canonicalEdn(value)}`;

function printFloat(value: number): string {
  if (Number.isNaN(value)) return '##NaN';
  if (!Number.isFinite(value)) return value > 0 ? '##Inf' : '##-Inf';
  const text = value === 0 ? '0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

export type PlainEdn =
  | null
  | boolean
  | number
  | string
  | readonly PlainEdn[]
  | { readonly [key: string]: PlainEdn };

/**
 * A view for people and tests: keywords and symbols as their text, collections as arrays, maps as objects with
 * their keys printed. Numbers that a double cannot hold are texts. It is not reversible.
 */
export function plainEdn(node: EdnNode): PlainEdn {
  switch (node.kind) {
    case 'nil':
      return null;
    case 'boolean':
    case 'string':
    case 'character':
    case 'float':
      return node.value;
    case 'integer':
      return Number.isSafeInteger(Number(node.text)) ? Number(node.text) : node.text;
    case 'list':
    case 'vector':
    case 'set':
      return node.items.map(plainEdn);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [printKey(key), plainEdn(value)]));
    default:
      return canonicalEdn(node);
  }
}

const printKey = (key: EdnNode) => (key.kind === 'string' ? key.value : canonicalEdn(key));
