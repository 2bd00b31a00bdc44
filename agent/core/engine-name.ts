import type { EngineIdentity } from './release.ts';

/** What each name means without a release: the ones that this project tries, with the Java that each runs on. */
const DEFAULT_RELEASES = { presto: 350, trino: 476 } as const;
const NAME = /^(presto|trino)(?:-(\d{3}))?$/;

export const ENGINE_NAME_EXPECTED = 'presto, trino, or one with its release such as presto-348';

/** The Java that a release needs, by the release notes: `facts` of each row's first release. */
const JAVA_BY_RELEASE: readonly (readonly [since: number, java: string])[] = [
  [476, '25'],
  [464, '23'],
  [447, '22'],
  [436, '21'],
  [390, '17'],
  [351, '11'],
  [350, '17'],
  [0, '11'],
];

/** `presto`, `trino`, `presto-348`; null for anything else. */
export function parseEngineName(text: string): EngineIdentity | null {
  const [, name, release] = NAME.exec(text) ?? [];
  if (name !== 'presto' && name !== 'trino') return null;
  const version = Number(release ?? DEFAULT_RELEASES[name]);
  if (version > 350 !== (name === 'trino')) return null;
  const java = JAVA_BY_RELEASE.find(([since]) => version >= since)?.[1] ?? '11';
  return { name, version: String(version), java };
}
