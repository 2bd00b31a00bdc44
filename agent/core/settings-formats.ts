/** How settings are written. */
import { readTarget } from './access/permit-open.ts';
import { parseSourceUri } from './settings-source.ts';
import { parseAddress, parseDuration, parseHttpOrigin, parseSize } from './settings-values.ts';

/**
 * How a setting is written. `expected` completes the sentence "expected …"; `isValid` gets what the file holds,
 * or the environment variable's text (its parsed JSON for lists, its number for counts).
 */
export interface SettingFormat {
  readonly name: 'text' | 'duration' | 'size' | 'count' | 'list';
  readonly expected: string;
  readonly isValid: (value: unknown) => boolean;
}

export const text = (expected: string, isValid: (value: string) => boolean): SettingFormat => ({
  name: 'text',
  expected,
  isValid: (value) => typeof value === 'string' && isValid(value),
});

export const oneOf = (...words: readonly string[]): SettingFormat =>
  text(words.map((word) => JSON.stringify(word)).join(' or '), (value) => words.includes(value));

export const duration = (minMs: number): SettingFormat => ({
  name: 'duration',
  expected: `a duration such as 500ms, 2s, 5m or 1h${minMs > 0 ? ', longer than nothing' : ''}, at most 500h`,
  isValid: (value) => typeof value === 'string' && (parseDuration(value) ?? -1) >= minMs,
});

export const list = (what: string, isItem: (item: string) => boolean): SettingFormat => ({
  name: 'list',
  expected: `a JSON array of ${what}, not empty`,
  isValid: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item: unknown) => typeof item === 'string' && isItem(item)),
});

export const NAME = text('a name of letters, digits, "-", "_" and "."', (value) =>
  /^[\w][\w.-]{0,127}$/.test(value),
);
export const PATH = text(
  'an absolute path',
  (value) => /^\/[^\0]*$/.test(value) && !/\/\.{1,2}(\/|$)/.test(value),
);
export const ANY_TEXT = text('text', (value) => value.trim() !== '');
export const SIZE: SettingFormat = {
  name: 'size',
  expected: 'a size such as 512KiB, 64MiB or 8GiB, above 0',
  isValid: (value) => typeof value === 'string' && (parseSize(value) ?? 0) > 0,
};
export const COUNT: SettingFormat = {
  name: 'count',
  expected: 'a whole number above 0',
  isValid: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0,
};

export const SOURCE_URI = text('s3://BUCKET, s3://BUCKET/PREFIX/ or file:///DIR', (value) => {
  return typeof parseSourceUri(value) !== 'string';
});

export const ENDPOINT = text('an http address in which only {group} and {region} are filled in', (value) =>
  /^https?:\/\/[^\s{}"]+$/.test(value.replaceAll(/\{(group|region)\}/g, 'x')),
);

export const isHostAndPort = (value: string): boolean => readTarget(value) !== null;
export const UNIT = text('a unit name that ends with .service', (value) =>
  /^[\w:.@-]+\.service$/.test(value),
);
export const ORIGIN = text(
  'an http address without path, such as http://127.0.0.1:8989',
  (value) => parseHttpOrigin(value) !== null,
);
export const LISTEN = text('HOST:PORT or "off"', (value) => value === 'off' || parseAddress(value) !== null);
