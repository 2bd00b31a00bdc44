/** The three places that settings come from, each with the place of every value, for problems. */
import { nearest } from './nearest.ts';
import { readSettingsFile } from './settings-json.ts';
import { SETTINGS_TABLE } from './settings-table.ts';

export type Layer = ReadonlyMap<string, { readonly value: unknown; readonly place: string }>;

const KEYS = SETTINGS_TABLE.map((row) => row.key);
const isKey = (key: string): boolean => KEYS.includes(key);
const hasKeysBelow = (key: string): boolean => KEYS.some((known) => known.startsWith(`${key}.`));

/** `path` is for messages only. Unknown and repeated keys go to `problems`; null when it is no JSON object. */
export function readFileLayer(text: string, path: string, problems: string[]): Layer | null {
  const { settings, repeated, error } = readSettingsFile(text, hasKeysBelow);
  if (error !== null) {
    problems.push(`${path}:${error.line}: ${error.message}`);
    return null;
  }
  for (const { key, lines } of repeated)
    problems.push(`${key} (${path}:${lines.join(', ')}): stands there more than once`);
  const layer = new Map<string, { value: unknown; place: string }>();
  for (const { key, value, line } of settings) {
    const place = `${path}:${line}`;
    if (isKey(key)) layer.set(key, { value, place });
    else problems.push(`${key} (${place}): ${describeUnknown(key)}`);
  }
  return layer;
}

/** A variable that is set to nothing counts as not given. */
export function readEnvLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  return new Map(
    SETTINGS_TABLE.flatMap((row) => {
      const value = env[row.env];
      if (value === undefined || value === '') return [];
      return [[row.key, { value, place: `environment variable ${row.env}` }] as const];
    }),
  );
}

export function readFlagLayer(flags: Readonly<Record<string, string>>, problems: string[]): Layer {
  const layer = new Map<string, { value: unknown; place: string }>();
  for (const [key, value] of Object.entries(flags)) {
    if (isKey(key)) layer.set(key, { value, place: 'flag' });
    else problems.push(`${key} (flag): ${describeUnknown(key)}`);
  }
  return layer;
}

function describeUnknown(key: string): string {
  if (hasKeysBelow(key)) return 'expected an object with settings below it';
  const match = nearest(key, KEYS);
  return match === null ? 'no such setting' : `no such setting; did you mean ${match}?`;
}
