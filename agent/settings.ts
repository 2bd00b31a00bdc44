/**
 * The settings: JSON file, then environment, then flags; later wins. All problems are found at once.
 * Callers hand in environment and file access; nothing here touches the outside.
 */
import convict from 'convict';
import { AgentError } from './core/errors.ts';
import { printable } from './core/printable.ts';
import { type Layer, readEnvLayer, readFileLayer, readFlagLayer } from './core/settings-layers.ts';
import { findConflicts, findMissing } from './core/settings-rules.ts';
import { parseSourceUri } from './core/settings-source.ts';
import { SETTINGS_TABLE, type SettingRow } from './core/settings-table.ts';
import { type LocalSettings, type Settings, toSettings } from './core/settings-typed.ts';

export { SETTINGS_TABLE } from './core/settings-table.ts';
export type { LocalSettings, Settings } from './core/settings-typed.ts';

const MAX_PROBLEM = 500;

export const DEFAULT_SETTINGS_FILE = '/etc/datomic-gateway/agent.json';

export interface SettingsInput {
  /** The file of `--config`, which must be there; null: the default file, if it is there. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws like `fs.readFileSync`. */
  readonly readFile: (path: string) => string;
  /** By key, e.g. from `--set KEY=VALUE`; written as in the environment. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** Throws SETTINGS_INVALID with `fields.problems: string[]`, one sentence each: key, place, expected, found. */
export function loadSettings(input: SettingsInput): Settings {
  return load(input, true) as Settings;
}

/** As `loadSettings`, without what only the daemon requires: source, system, command. */
export function loadLocalSettings(input: SettingsInput): LocalSettings {
  return load(input, false);
}

function load(input: SettingsInput, isComplete: boolean): LocalSettings {
  const problems: string[] = [];
  const faulty = new Set<string>();
  const layers = {
    file: readFile(input, problems),
    env: readEnvLayer(input.env),
    flags: readFlagLayer(input.flags ?? {}, problems),
  };
  const config = convict<Record<string, unknown>>(
    nest((row) => ({
      default: row.default,
      nullable: row.default === null,
      env: row.env,
      format: `gateway-${row.format.name}`,
      check: (value: unknown) => {
        if (row.format.isValid(value)) return;
        faulty.add(row.key);
        problems.push(describeFault(row, value, layers));
      },
    })),
    {
      env: Object.fromEntries([...layers.env].map(([key, { value }]) => [envOf(key), String(value)])),
      args: [],
    },
  );
  config.load(nest((row) => leafOf(layers.file?.get(row.key)?.value)));
  for (const [key, { value }] of layers.flags) config.set(key, value);
  config.validate({ allowed: 'strict' });

  const get = (key: string): unknown => config.get(key);
  const isFine = (key: string): boolean => !faulty.has(key);
  problems.push(...findConflicts(get, isFine));
  // A file that cannot be read makes no statement on what is missing.
  if (isComplete && layers.file !== null) problems.push(...findMissing(get, isFine));
  if (problems.length > 0)
    throw new AgentError('SETTINGS_INVALID', 'settings are invalid', {
      fields: { problems: problems.map((problem) => cut(printable(problem))) },
    });
  return freeze(toSettings(get));
}

/** Null when there is something to read and it cannot be. */
function readFile(input: SettingsInput, problems: string[]): Layer | null {
  const path = input.file ?? DEFAULT_SETTINGS_FILE;
  try {
    return readFileLayer(input.readFile(path), path, problems);
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent && input.file === null) return new Map();
    problems.push(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

// convict turns text into values only for named formats. It keeps what it cannot turn, so that the check sees it.
for (const name of ['text', 'duration', 'size', 'count', 'list'] as const) {
  convict.addFormat({
    name: `gateway-${name}`,
    validate: (value: unknown, schema) => (schema.check as (value: unknown) => void)(value),
    ...(name === 'count' || name === 'list' ? { coerce: parseJsonOrKeep } : {}),
  });
}

/** convict takes an object for a part of the schema. Not a number is no setting's value, and stays where it stands. */
function leafOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Number.NaN : value;
}

function parseJsonOrKeep(text: unknown): unknown {
  try {
    const value = typeof text === 'string' ? (JSON.parse(text) as unknown) : text;
    return Number.isNaN(leafOf(value)) ? text : value;
  } catch {
    // The text itself is what the problem shows as found.
    return text;
  }
}

function describeFault(
  row: SettingRow,
  value: unknown,
  layers: { readonly file: Layer | null; readonly env: Layer; readonly flags: Layer },
): string {
  const place = [layers.flags, layers.env, layers.file].find((layer) => layer?.has(row.key));
  const found = Number.isNaN(value) ? place?.get(row.key)?.value : value;
  const location = row.key === 'source.uri' ? parseSourceUri(String(found)) : null;
  const expected = typeof location === 'string' ? location : `expected ${row.format.expected}`;
  return `${row.key} (${place?.get(row.key)?.place ?? 'default'}): ${expected}, found ${show(found)}`;
}

/** Whoever reads of it needs no more of a key that is a page long. */
function cut(problem: string): string {
  return problem.length <= MAX_PROBLEM ? problem : `${problem.slice(0, MAX_PROBLEM - 1)}…`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function envOf(key: string): string {
  return SETTINGS_TABLE.find((row) => row.key === key)?.env ?? '';
}

/** A nested object with one entry per row; entries that are undefined are left out. */
function nest(entryOf: (row: SettingRow) => unknown): Record<string, object> {
  const root: Record<string, object> = {};
  for (const row of SETTINGS_TABLE) {
    const entry = entryOf(row);
    if (entry === undefined) continue;
    const parts = row.key.split('.');
    let node: Record<string, unknown> = root;
    for (const part of parts.slice(0, -1)) {
      node[part] ??= {};
      node = node[part] as Record<string, unknown>;
    }
    node[parts.at(-1) ?? ''] = entry;
  }
  return root;
}

function freeze<Value extends object>(value: Value): Value {
  for (const child of Object.values(value))
    if (typeof child === 'object' && child !== null) freeze(child as object);
  return Object.freeze(value);
}
