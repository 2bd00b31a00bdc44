/** Longer number literals are refused: no configuration has them, and reading them is not linear. */
export const MAX_NUMBER_LENGTH = 200;

export type NumberValue =
  | { readonly kind: 'integer'; readonly text: string; readonly isBig: boolean }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'decimal'; readonly digits: string; readonly exponent: number }
  | { readonly kind: 'ratio'; readonly numerator: string; readonly denominator: string };

const PLAIN = /^(?:0|-?[1-9][0-9]{0,17})$/;
const RADIX = /^([1-9][0-9]?)[rR]([0-9A-Za-z]+)$/;
const FLOAT = /^([0-9]+)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?(M?)$/;
const RATIO = /^([0-9]+)\/([0-9]+)$/;
const INT32 = 2 ** 31;
const MAX_EXPONENT_DIGITS = 10;

/** A number as `clojure.edn` reads it, or null. `token` begins with a digit, or with a sign and a digit. */
export function parseNumber(token: string): NumberValue | null {
  if (PLAIN.test(token)) return { kind: 'integer', text: token, isBig: false };
  if (token.length > MAX_NUMBER_LENGTH) return null;
  const isNegative = token.startsWith('-');
  const unsigned = isNegative || token.startsWith('+') ? token.slice(1) : token;
  return (
    parseInteger(unsigned, isNegative) ??
    parseFloating(unsigned, isNegative) ??
    parseRatio(unsigned, isNegative)
  );
}

function parseInteger(unsigned: string, isNegative: boolean): NumberValue | null {
  const radix = RADIX.exec(unsigned);
  // In radix notation a final N is a digit.
  if (radix !== null) return makeInteger(parseRadix(radix[2] ?? '', Number(radix[1])), isNegative, false);
  const isN = unsigned.endsWith('N');
  const literal = isN ? unsigned.slice(0, -1) : unsigned;
  if (/^(?:0|[1-9][0-9]*|0[xX][0-9A-Fa-f]+)$/.test(literal))
    return makeInteger(BigInt(literal), isNegative, isN);
  return /^0[0-7]+$/.test(literal) ? makeInteger(BigInt(`0o${literal.slice(1)}`), isNegative, isN) : null;
}

function parseRadix(digits: string, radix: number): bigint | null {
  if (radix < 2 || radix > 36) return null;
  let value = 0n;
  for (const digit of digits) {
    const one = Number.parseInt(digit, 36);
    if (one >= radix) return null;
    value = value * BigInt(radix) + BigInt(one);
  }
  return value;
}

function makeInteger(magnitude: bigint | null, isNegative: boolean, isN: boolean): NumberValue | null {
  if (magnitude === null) return null;
  const value = isNegative ? -magnitude : magnitude;
  return { kind: 'integer', text: value.toString(), isBig: isN || !fitsLong(value) };
}

const fitsLong = (value: bigint) => BigInt.asIntN(64, value) === value;

function parseFloating(unsigned: string, isNegative: boolean): NumberValue | null {
  const match = FLOAT.exec(unsigned);
  // A leading zero before other digits alone is a failed octal number, not a float.
  if (match === null || /^[0-9]+$/.test(unsigned)) return null;
  const [, whole = '', fraction = '', exponent = '0', suffix] = match;
  if (suffix === '') return { kind: 'float', value: Number(isNegative ? `-${unsigned}` : unsigned) };
  return makeDecimal(whole + fraction, fraction.length, exponent, isNegative);
}

/** `java.math.BigDecimal` wants exponent and scale to be 32-bit numbers. */
function makeDecimal(
  all: string,
  scale: number,
  exponentText: string,
  isNegative: boolean,
): NumberValue | null {
  const exponent = Number(exponentText);
  const exponentDigits = exponentText.replace(/^[-+]?0*/, '').length;
  if (exponentDigits > MAX_EXPONENT_DIGITS || !isInt32(exponent) || !isInt32(scale - exponent)) return null;
  const trimmed = all.replace(/^0+/, '');
  const digits = trimmed.replace(/0+$/, '');
  if (digits === '') return { kind: 'decimal', digits: '0', exponent: 0 };
  const dropped = trimmed.length - digits.length;
  return {
    kind: 'decimal',
    digits: isNegative ? `-${digits}` : digits,
    exponent: exponent - scale + dropped,
  };
}

const isInt32 = (value: number) => value >= -INT32 && value < INT32;

function parseRatio(unsigned: string, isNegative: boolean): NumberValue | null {
  const match = RATIO.exec(unsigned);
  if (match === null) return null;
  const numerator = BigInt(match[1] ?? '') * (isNegative ? -1n : 1n);
  const denominator = BigInt(match[2] ?? '');
  if (denominator === 0n) return null;
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  const top = numerator / divisor;
  const bottom = denominator / divisor;
  return bottom === 1n
    ? { kind: 'integer', text: top.toString(), isBig: !(fitsLong(numerator) && fitsLong(denominator)) }
    : { kind: 'ratio', numerator: top.toString(), denominator: bottom.toString() };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a, b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
}
