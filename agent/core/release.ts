import type { EngineIdentity } from './engine/identity.ts';
import type { MemoryPlan } from './sizing.ts';
import type { Digest, ReleaseFacts, SourceFile } from './types.ts';

/** What the agent adds to the source's text; kept with the release, so that late metadata changes nothing. */
export interface RenderingInputs {
  readonly system: string | null;
  readonly region: string | null;
  readonly group: string;
  /** Template of the client endpoint with `{group}` and `{region}`. */
  readonly clientEndpoint: string;
  readonly engine: EngineIdentity;
  readonly memoryPlan: MemoryPlan;
  /** Host and port that the engine listens on, from `analytics.url`. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The engine's data directory, which is its working directory too. */
  readonly dataDir: string;
  /** `analytics.queryMemory` in bytes; null leaves it to the engine. */
  readonly queryMemoryBytes: number | null;
}

/** A valid snapshot plus kept files, rendered. Immutable. */
export interface Release {
  readonly facts: ReleaseFacts;
  readonly inputs: RenderingInputs;
  /** Paths of files that the source no longer has. */
  readonly kept: readonly string[];
  /** The source's own text, kept files included: what guards compare with. */
  readonly source: readonly SourceFile[];
  /** What the live etc holds: catalogs with endpoint, metaschemas, the engine's own files. */
  readonly etc: readonly SourceFile[];
}

/** The release that is being, or was last, published: on disk before the first file changes. */
export interface Intent {
  readonly digest: Digest;
  readonly phase: 'publishing' | 'published';
}
