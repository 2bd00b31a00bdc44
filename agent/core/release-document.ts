import {
  branded,
  count,
  type Decoder,
  finite,
  hexDigest,
  listOf,
  nullable,
  oneOf,
  shape,
  text,
} from './decode.ts';
import type { EngineIdentity } from './engine/identity.ts';
import type { Intent, Release, RenderingInputs } from './release.ts';
import type { MemoryPlan } from './sizing.ts';
import type { Digest, Fingerprint, Origin, ReleaseFacts, SnapshotId } from './types.ts';

/** What `release.json` holds beside the files themselves. */
export interface ReleaseDocument {
  readonly version: 1;
  readonly facts: ReleaseFacts;
  readonly inputs: RenderingInputs;
  readonly kept: readonly string[];
}

export function documentOf(release: Release): ReleaseDocument {
  return { version: 1, facts: release.facts, inputs: release.inputs, kept: release.kept };
}

export const origin: Decoder<Origin> = shape<Origin>({ at: finite, by: text });

export const releaseFacts: Decoder<ReleaseFacts> = shape<ReleaseFacts>({
  digest: hexDigest<Digest>(),
  snapshot: branded<SnapshotId>(),
  group: text,
  fingerprint: branded<Fingerprint>(),
  catalogs: listOf(text),
  origin,
});

const memoryPlan: Decoder<MemoryPlan> = shape<MemoryPlan>({
  verdict: oneOf('sufficient', 'too-small'),
  totalBytes: count,
  reserveBytes: count,
  nonHeapBytes: count,
  heapBytes: count,
  jvmFlags: listOf(text),
});

const engine: Decoder<EngineIdentity> = shape<EngineIdentity>({ name: text, version: text, java: text });

export const renderingInputs: Decoder<RenderingInputs> = shape<RenderingInputs>({
  system: nullable(text),
  region: nullable(text),
  group: text,
  clientEndpoint: text,
  engine,
  memoryPlan,
  listen: shape({ host: text, port: count }),
  dataDir: text,
  queryMemoryBytes: nullable(count),
});

export const releaseDocument: Decoder<ReleaseDocument> = shape<ReleaseDocument>({
  version: oneOf(1),
  facts: releaseFacts,
  inputs: renderingInputs,
  kept: listOf(text),
});

export const intentDocument: Decoder<Intent> = shape<Intent>({
  digest: hexDigest<Digest>(),
  phase: oneOf('publishing', 'published'),
});
