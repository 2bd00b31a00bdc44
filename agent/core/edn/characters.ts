/**
 * Character classes as `clojure.edn` sees them: its reader works on UTF-16 code units with
 * `Character.isWhitespace` and `Character.isDigit`, so a surrogate is neither.
 */
export const WHITESPACE = 1;
/** Begins something other than a token, and ends a number. */
export const MACRO = 2;
/** Ends a token: every macro character but `#`. */
export const TERMINATOR = 4;
/** Allowed in no token: `@`, `` ` `` and `~`. */
export const FORBIDDEN = 8;
export const DIGIT = 16;

const WIDE = 256;

export const CLASSES: Uint8Array = classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(WIDE);
  const mark = (characters: string, bits: number) => {
    for (const character of characters) classes[character.charCodeAt(0)] = bits;
  };
  mark('\t\n\v\f\r\x1c\x1d\x1e\x1f ,', WHITESPACE);
  mark('";^()[]{}\\', MACRO | TERMINATOR);
  mark('#', MACRO);
  mark('@`~', FORBIDDEN);
  mark('0123456789', DIGIT);
  return classes;
}

/** The bits of a code unit. No-break spaces are no whitespace to Java, so they are part of a token. */
export function classOf(unit: number): number {
  if (unit < WIDE) return CLASSES[unit] as number;
  if (isWideWhitespace(unit)) return WHITESPACE;
  return isWideDigit(unit) ? DIGIT : 0;
}

function isWideWhitespace(unit: number): boolean {
  if (unit < 0x1680 || unit > 0x3000) return false;
  if (unit >= 0x2000 && unit <= 0x200a) return unit !== 0x2007;
  return unit === 0x1680 || unit === 0x2028 || unit === 0x2029 || unit === 0x205f || unit === 0x3000;
}

const DECIMAL_DIGIT = /^\p{Nd}$/u;

function isWideDigit(unit: number): boolean {
  if (unit < 0x660 || (unit >= 0xac00 && unit < 0xff10)) return false;
  return DECIMAL_DIGIT.test(String.fromCharCode(unit));
}

/** `Character.digit`: Java takes any script's decimal digits and full-width letters, or gives -1. */
export function digitOf(unit: number, radix: number): number {
  const value = digitValue(unit);
  return value < radix ? value : -1;
}

function digitValue(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit >= 0xff21 ? unit - 0xfee0 : unit;
  if (letter >= 0x41 && letter <= 0x5a) return letter - 0x37;
  if (letter >= 0x61 && letter <= 0x7a) return letter - 0x57;
  if (unit < WIDE || !isWideDigit(unit)) return -1;
  // Each script's ten digits begin at a code ending in 0 or in 6.
  return isWideDigit(unit & ~0xf) ? unit & 0xf : (unit & 0xf) - 6;
}
