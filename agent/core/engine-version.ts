import type { EngineIdentity } from './engine/identity.ts';
import { profileOf } from './engine/profile.ts';

/** PrestoSQL up to 350, or what stands in for it. */
export function isPrestoSql(engine: EngineIdentity): boolean {
  return profileOf(engine).family === 'presto';
}

/** The feature release of Java: 17 of `17.0.15`; null for `none`. */
export function javaFeatureOf(engine: EngineIdentity): number | null {
  const found = /^(\d+)/.exec(engine.java)?.[1];
  return found === undefined ? null : Number(found);
}
