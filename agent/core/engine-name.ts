import type { EngineIdentity } from './engine/identity.ts';
import { factsOfRelease } from './engine/profiles.ts';

/** What each name means without a release: the ones that this project tries. */
const DEFAULT_RELEASES = { presto: 350, trino: 476 } as const;
const NAME = /^(presto|trino)(?:-(\d{3}))?$/;

export const ENGINE_NAME_EXPECTED = 'presto, trino, or one with its release such as presto-348';

/** `presto`, `trino`, `presto-348`, on the newest Java that each is known to run on; null for anything else. */
export function parseEngineName(text: string): EngineIdentity | null {
  const [, name, release] = NAME.exec(text) ?? [];
  if (name !== 'presto' && name !== 'trino') return null;
  const version = Number(release ?? DEFAULT_RELEASES[name]);
  const { family, java } = factsOfRelease(version);
  return family === name ? { name, version: String(version), java: String(java.newest) } : null;
}
