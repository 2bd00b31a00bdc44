import { mutate, type Random } from './random.ts';

const PIECES = [
  'connector.name',
  'datomic.databases',
  'key',
  'a',
  '=',
  '=',
  ':',
  ' ',
  ' ',
  '\t',
  '\f',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\\\n',
  '\\\r\n',
  '\\\r',
  '\\ ',
  '\\=',
  '\\:',
  '\\\\',
  '\\',
  '\\u0041',
  '\\u00e9',
  '\\uD83D',
  '\\u004',
  '\\u00g1',
  '\\u',
  '\\U0041',
  '\\t',
  '\\n',
  '\\f',
  '\\r',
  '\\q',
  '\\0',
  '#',
  '!',
  '# comment\\\n',
  '[a b]',
  '{:k "v"}',
  'value',
  '\u0000',
  'é',
  'ü=',
  '\u0085',
  '\u00a0',
  '\u001c',
  '\u000b',
] as const;

/** Lines of a properties file with everything that Java treats in a way of its own; one character is one byte. */
export function makePropertiesDocument(random: Random): Uint8Array {
  const parts: string[] = [];
  for (let left = random.below(20); left >= 0; left--) parts.push(random.pick(PIECES));
  const text = random.chance(0.5) ? parts.join('') : mutate(parts.join(''), PIECES, random);
  return Buffer.from(text, 'latin1');
}
