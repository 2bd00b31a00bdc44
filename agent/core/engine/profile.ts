/** The prefix of the request headers that the engine listens to: Trino renamed them with release 351. */
export type HeaderPrefix = 'X-Presto-' | 'X-Trino-';

export interface EngineProfile {
  /** For people: `PrestoSQL 350`, `Trino 476`, `stand-in engine 350-stand-in`. */
  readonly label: string;
  /** In the order in which they are worth trying. */
  readonly headerPrefixes: readonly [HeaderPrefix, ...HeaderPrefix[]];
}

const LAST_PRESTO_SQL = 350;

/**
 * What is known of an engine by the version that `/v1/info` tells. `name` (`presto`, `trino`, `stand-in`) decides
 * only where the version is no release number; then both headers are tried.
 */
export function findEngineProfile(version: string, name: string | null): EngineProfile {
  const release = /^(\d{3,})(?!\.)\b/.exec(version)?.[1];
  if (release !== undefined) {
    const isPresto = Number(release) <= LAST_PRESTO_SQL;
    const label = version.includes('stand-in') ? 'stand-in engine' : isPresto ? 'PrestoSQL' : 'Trino';
    return {
      label: `${label} ${version}`,
      headerPrefixes: isPresto ? ['X-Presto-', 'X-Trino-'] : ['X-Trino-', 'X-Presto-'],
    };
  }
  const isPresto = name === 'presto';
  return {
    label: `${isPresto ? 'PrestoSQL' : name === 'trino' ? 'Trino' : 'engine'} ${version}`,
    headerPrefixes: isPresto ? ['X-Presto-', 'X-Trino-'] : ['X-Trino-', 'X-Presto-'],
  };
}
