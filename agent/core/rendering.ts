import { type RenderedCatalog, renderCatalog } from './client-config.ts';
import { compareText, releaseDigest, type Sha256, sortFiles } from './digest.ts';
import { findQueryMemoryProblem, renderEngineFiles } from './engine-files.ts';
import { fingerprintOf } from './fingerprint.ts';
import { catalogNameOf } from './gate/catalog.ts';
import { managedKindOf } from './managed-path.ts';
import type { Release, RenderingInputs } from './release.ts';
import type { Snapshot, SourceFile } from './types.ts';

export { stickInputs } from './sticky-inputs.ts';

/** Something that the rendering needs is not known: one sentence that names it. */
export interface CannotRender {
  readonly kind: 'cannot-render';
  readonly reason: string;
}

/**
 * Makes the release of a snapshot that passed gate and guards: its own files and the kept ones as they are, the
 * client endpoint in each Datomic catalog that names none, and the engine's own files from the memory plan.
 * The same arguments give the same release, whenever and wherever.
 */
export function renderRelease(options: {
  readonly snapshot: Snapshot;
  /** What the source lost and the release keeps, with its bytes. */
  readonly kept: { readonly paths: readonly string[]; readonly files: readonly SourceFile[] };
  readonly inputs: RenderingInputs;
  readonly sha256: Sha256;
}): Release | CannotRender {
  const { snapshot, kept, sha256 } = options;
  const source = collectSource(snapshot, kept.files);
  const keptPaths = kept.files
    .map((file) => file.path)
    .filter((path) => kept.paths.includes(path) && !snapshot.files.some((file) => file.path === path))
    .toSorted(compareText);

  const rendered = source.map((file) => [file, renderFile(file, options.inputs)] as const);
  for (const [file, catalog] of rendered) {
    if (catalog.kind === 'unknown')
      return { kind: 'cannot-render', reason: `${file.path}: ${catalog.reason}` };
  }
  const isRegionUsed = rendered.some(([, catalog]) => catalog.kind === 'with-endpoint' && catalog.usesRegion);
  const inputs = onlyWhatCounts(options.inputs, isRegionUsed);
  const problem = findQueryMemoryProblem(inputs);
  if (problem !== null) return { kind: 'cannot-render', reason: problem };

  const etc = sortFiles([
    ...rendered.map(([file, catalog]) =>
      catalog.kind === 'with-endpoint' ? { path: file.path, bytes: catalog.bytes } : file,
    ),
    ...renderEngineFiles(inputs),
  ]);
  const facts = {
    snapshot: snapshot.id,
    group: snapshot.group,
    fingerprint: fingerprintOf({ etc, engine: inputs.engine, sha256 }),
    catalogs: source
      .filter((file) => managedKindOf(file.path) === 'catalog')
      .map((file) => catalogNameOf(file.path))
      .toSorted(compareText),
  };
  const unnamed = { inputs, kept: keptPaths, source, etc };
  const digest = releaseDigest({ ...unnamed, facts }, sha256);
  return { ...unnamed, facts: { ...facts, digest, origin: snapshot.origin } };
}

/** The snapshot's files and those that are kept; what the source has again is the source's. */
function collectSource(snapshot: Snapshot, kept: readonly SourceFile[]): readonly SourceFile[] {
  const isOfSource = ({ path }: SourceFile) => {
    const kind = managedKindOf(path);
    return kind === 'catalog' || kind === 'metaschema';
  };
  const present = new Set(snapshot.files.map((file) => file.path));
  const files = [...snapshot.files, ...kept.filter((file) => !present.has(file.path))];
  return sortFiles(files.filter(isOfSource));
}

function renderFile(file: SourceFile, inputs: RenderingInputs): RenderedCatalog {
  return managedKindOf(file.path) === 'catalog' ? renderCatalog(file.bytes, inputs) : { kind: 'as-is' };
}

/** A region that nothing was rendered with is no part of the release: learning it later must change nothing. */
function onlyWhatCounts(inputs: RenderingInputs, isRegionUsed: boolean): RenderingInputs {
  return isRegionUsed ? inputs : { ...inputs, region: null };
}
