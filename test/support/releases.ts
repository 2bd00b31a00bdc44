import { sha256 } from '../../agent/adapters/sha256.ts';
import { releaseDigest, snapshotIdOf, sortFiles } from '../../agent/core/digest.ts';
import type { EngineIdentity } from '../../agent/core/engine/identity.ts';
import type { Release, RenderingInputs } from '../../agent/core/release.ts';
import { planMemory } from '../../agent/core/sizing.ts';
import type { Fingerprint, SourceFile } from '../../agent/core/types.ts';

export const STAND_IN: EngineIdentity = { name: 'stand-in', version: '350-stand-in', java: 'none' };
const GIB = 1024 ** 3;

export function sourceFile(path: string, text: string): SourceFile {
  return { path, bytes: new TextEncoder().encode(text) };
}

export function sourceFiles(texts: Readonly<Record<string, string>>): readonly SourceFile[] {
  return sortFiles(Object.entries(texts).map(([path, text]) => sourceFile(path, text)));
}

export function textOf(files: readonly SourceFile[], path: string): string | undefined {
  const found = files.find((file) => file.path === path);
  return found === undefined ? undefined : new TextDecoder().decode(found.bytes);
}

export function renderingInputs(overrides: Partial<RenderingInputs> = {}): RenderingInputs {
  const engine = overrides.engine ?? STAND_IN;
  return {
    system: 'acme',
    region: 'eu-west-1',
    group: 'acme',
    clientEndpoint: 'http://entry.{group}.{region}.datomic.net:8182/',
    engine,
    memoryPlan: planMemory({ totalBytes: 4 * GIB, cpus: 2, engine }),
    listen: { host: '127.0.0.1', port: 8989 },
    dataDir: '/var/lib/datomic-analytics/data',
    queryMemoryBytes: null,
    ...overrides,
  };
}

/** A release laid out as told, without any rendering: for tests of what is done with one. */
export function layOut(
  texts: Readonly<Record<string, string>>,
  options: { readonly fingerprint?: string; readonly at?: number; readonly kept?: readonly string[] } = {},
): Release {
  const etc = sourceFiles(texts);
  const source = etc.filter((file) => file.path.includes('/'));
  const facts = {
    snapshot: snapshotIdOf(source, sha256),
    group: 'acme',
    fingerprint: (options.fingerprint ?? 'f'.repeat(64)) as Fingerprint,
    catalogs: source.flatMap((file) => /^catalog\/(.*)\.properties$/.exec(file.path)?.[1] ?? []),
  };
  const unnamed = { inputs: renderingInputs(), kept: options.kept ?? [], source, etc };
  const digest = releaseDigest({ ...unnamed, facts }, sha256);
  return { ...unnamed, facts: { ...facts, digest, origin: { at: options.at ?? 1_000, by: 'ann' } } };
}

export const ENGINE_TEXTS = {
  'config.properties': 'coordinator=true\n',
  'jvm.config': '-Xmx1g\n',
  'node.properties': 'node.environment=acme\n',
} as const;
