import type { EdnName, EdnNode } from '../../../agent/core/edn/node.ts';

/** The notation in which `Reference.java` prints what Clojure read. */
export function printValue(node: EdnNode): string {
  switch (node.kind) {
    case 'nil':
      return 'nil';
    case 'boolean':
      return String(node.value);
    case 'string':
      return quote(node.value);
    case 'character':
      return `\\${quote(node.value)}`;
    case 'keyword':
      return `:${printName(node)}`;
    case 'symbol':
      return `'${printName(node)}`;
    case 'integer':
      return `${node.isBig ? 'n' : 'i'}${node.text}`;
    case 'float':
      return `f${bitsOf(node.value)}`;
    case 'decimal':
      return `m${node.digits}e${node.exponent}`;
    case 'ratio':
      return `r${node.numerator}/${node.denominator}`;
    case 'instant':
      return `#inst ${node.at}`;
    case 'uuid':
      return `#uuid ${node.text}`;
    case 'list':
      return `(${node.items.map(printValue).join(' ')})`;
    case 'vector':
      return `[${node.items.map(printValue).join(' ')}]`;
    case 'set':
      return `#{${node.items.map(printValue).sort().join(' ')}}`;
    case 'map':
      return `{${node.entries
        .map(({ key, value }) => `${printValue(key)} ${printValue(value)}`)
        .sort()
        .join(' ')}}`;
    case 'tagged':
    case 'broken':
      throw new Error(`a ${node.kind} form has no value in Clojure`);
  }
}

const printName = ({ namespace, name }: EdnName) =>
  `${namespace === null ? '-' : quote(namespace)}${quote(name)}`;

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString();
}

/** A text in printable ASCII, code unit by code unit. */
export function quote(text: string): string {
  let quoted = '"';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isPlain = unit >= 0x20 && unit < 0x7f && unit !== 0x22 && unit !== 0x5c;
    quoted += isPlain ? text.charAt(i) : `\\u${unit.toString(16).padStart(4, '0')}`;
  }
  return `${quoted}"`;
}
