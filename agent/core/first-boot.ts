/**
 * What first boot makes of what the instance was launched with: the settings file, once. A file that is not the shipped
 * one is a person's, or the work of an earlier boot, and stays.
 */

/** Tags that instance metadata may show; user data wins over them. */
export const SYSTEM_TAG = 'datomic:system';
export const SOURCE_TAG = 'datomic-gateway:source';

export interface LaunchFacts {
  readonly region: string;
  /** As it was given; null for none. */
  readonly userData: string | null;
  readonly systemTag: string | null;
  readonly sourceTag: string | null;
}

export type FirstBoot =
  /** The text of the settings file. */
  | { readonly kind: 'write'; readonly text: string; readonly from: string }
  /** Nothing was said about the gateway. */
  | { readonly kind: 'nothing'; readonly reason: string }
  /** One sentence: expected, found. Quotes nothing of the user data, which may hold secrets of others. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Whether the file is first boot's to write: it is not there, or still the shipped one. */
export const isUnconfigured = (file: string | null, shipped: string | null): boolean =>
  file === null || file === shipped;

/**
 * User data for the gateway is a JSON object with `settings`, nested as in the settings file. Anything else, such as a
 * script or cloud-config, is meant for others and is left alone; then tags may name system and source.
 */
export function planFirstBoot(facts: LaunchFacts): FirstBoot {
  const told = readUserData(facts.userData);
  if (typeof told === 'string') return { kind: 'refused', problem: told };
  if (told === null && facts.systemTag === null && facts.sourceTag === null) {
    return {
      kind: 'nothing',
      reason: `neither user data with "settings" nor the tags ${SYSTEM_TAG} and ${SOURCE_TAG} were found`,
    };
  }
  const settings: Record<string, unknown> = { ...told };
  settings.system ??= facts.systemTag ?? undefined;
  settings.region ??= facts.region;
  if (settings['source.uri'] === undefined && facts.sourceTag !== null) {
    const source = isObject(settings.source) ? settings.source : {};
    settings.source = { uri: facts.sourceTag, ...source };
  }
  const from = told === null ? 'tags' : 'user data';
  return { kind: 'write', text: `${JSON.stringify(settings, null, 2)}\n`, from };
}

/** The settings; null when the user data is not for us; a text when it is and cannot be used. */
function readUserData(text: string | null): Record<string, unknown> | string | null {
  if (text === null || !text.trimStart().startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'user data begins like a JSON object and is none';
  }
  const { settings } = value as { readonly settings?: unknown };
  if (settings === undefined) return null;
  return isObject(settings) ? settings : 'user data: expected an object as "settings"';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
