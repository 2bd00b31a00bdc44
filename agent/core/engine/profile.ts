import type { EngineIdentity } from './identity.ts';
import { type EngineFacts, factsOfRelease, PROFILE_ROWS } from './profiles.ts';

export type { HeaderPrefix } from './profiles.ts';

export interface EngineProfile extends EngineFacts {
  /** For people: `PrestoSQL 350`, `Trino 476`, `stand-in engine 350-stand-in`. */
  readonly label: string;
}

/** The last release under the old name; its properties, headers and plugins differ from all later ones. */
const LAST_PRESTO_SQL = 350;
const NEWEST_ROW = Math.max(...PROFILE_ROWS.map(({ since }) => since));

/**
 * What is known of an engine by the version that it or its distribution tells. `name` (`presto`, `trino`,
 * `stand-in`) decides only where the version is no release number.
 */
export function findEngineProfile(version: string, name: string | null): EngineProfile {
  const release = /^(\d{3,})(?!\.)\b/.exec(version)?.[1];
  if (release !== undefined) {
    const facts = factsOfRelease(Number(release));
    const isStandIn = version.includes('stand-in');
    return { ...facts, label: `${isStandIn ? 'stand-in engine' : familyName(facts.family)} ${version}` };
  }
  if (name === 'presto') return { ...factsOfRelease(LAST_PRESTO_SQL), label: `PrestoSQL ${version}` };
  const label = name === 'trino' ? 'Trino' : 'engine';
  return { ...factsOfRelease(NEWEST_ROW), label: `${label} ${version}` };
}

/** The same for what lies in the engine's home. What is unknown, and the stand-in, is taken for PrestoSQL. */
export function profileOf({ name, version }: EngineIdentity): EngineProfile {
  const isTrino = name === 'trino';
  const found = findEngineProfile(version, isTrino ? 'trino' : 'presto');
  return name === 'stand-in' ? { ...found, label: 'stand-in engine' } : found;
}

function familyName(family: EngineFacts['family']): string {
  return family === 'presto' ? 'PrestoSQL' : 'Trino';
}
