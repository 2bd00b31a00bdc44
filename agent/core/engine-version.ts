import type { EngineIdentity } from './release.ts';

/** The last release under the old name; its properties, headers and plugins differ from all later ones. */
const LAST_PRESTO_SQL = 350;
/** From here the total per node is gone, and naming it stops the server ("was not used"). */
const FIRST_WITHOUT_TOTAL_MEMORY = 369;

/** The release number, e.g. 350 of `350`, `350-stand-in`; null where the version is none. */
export function releaseNumberOf(engine: EngineIdentity): number | null {
  const found = /^(\d+)/.exec(engine.version)?.[1];
  return found === undefined ? null : Number(found);
}

/** PrestoSQL up to 350, or what stands in for it. */
export function isPrestoSql(engine: EngineIdentity): boolean {
  const release = releaseNumberOf(engine);
  return release === null ? engine.name !== 'trino' : release <= LAST_PRESTO_SQL;
}

export function hasTotalMemoryProperty(engine: EngineIdentity): boolean {
  const release = releaseNumberOf(engine);
  return release === null ? isPrestoSql(engine) : release < FIRST_WITHOUT_TOTAL_MEMORY;
}

/** The feature release of Java: 17 of `17.0.15`; null for `none`. */
export function javaFeatureOf(engine: EngineIdentity): number | null {
  const found = /^(\d+)/.exec(engine.java)?.[1];
  return found === undefined ? null : Number(found);
}
