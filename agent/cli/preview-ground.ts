import { sha256 } from '../adapters/sha256.ts';
import { snapshotIdOf } from '../core/digest.ts';
import type { Layout } from '../core/layout.ts';
import { own } from '../core/own.ts';
import type { PreviewGround } from '../core/preview.ts';
import type { Release } from '../core/release.ts';
import { renderRelease } from '../core/rendering.ts';
import type { SourceFile } from '../core/types.ts';
import type { LocalSettings } from '../settings.ts';
import type { CliContext } from './context.ts';
import { type GatewayState, readGatewayState } from './gateway-state.ts';
import { readDirectory } from './read-directory.ts';

/** What the directory is compared with: another one, or this gateway. */
export async function readGround(options: {
  readonly cli: Pick<CliContext, 'readText'>;
  readonly settings: LocalSettings;
  readonly layout: Layout;
  readonly from: string | null;
}): Promise<{ readonly ground: PreviewGround; readonly restartMs: number | null }> {
  const { cli, settings, layout, from } = options;
  const { exposure } = settings.gate;
  if (from !== null) {
    const { files } = await readDirectory(from, settings.source.limits);
    const nothing = { kept: [], keptFiles: [], acknowledgements: [], findQuarantine: () => null };
    return { ground: { effective: files, baseline: files, exposure, ...nothing }, restartMs: null };
  }
  const state = await readGatewayState(layout, cli.readText);
  const { memory, effective } = state;
  const group = memory.group?.name ?? effective?.facts.group ?? null;
  const baseline = group === null ? null : await state.readRelease(own(memory.baselines, group));
  const kept = group === null ? undefined : own(memory.kept, group);
  const keeper = await state.readRelease(kept?.from);
  const ground: PreviewGround = {
    effective: effective?.source ?? null,
    baseline: baseline?.source ?? null,
    kept: kept?.paths ?? [],
    keptFiles: keeper?.source ?? [],
    acknowledgements: memory.acknowledgements,
    exposure,
    findQuarantine: (files) => findQuarantine(state, files),
  };
  return { ground, restartMs: measuredRestartMs(state) };
}

function measuredRestartMs({ memory: { lastRestart } }: GatewayState): number | null {
  if (lastRestart === null || lastRestart.outcome !== 'done') return null;
  const { stopMs, startMs } = lastRestart;
  return stopMs === null || startMs === null ? null : stopMs + startMs;
}

/** Renders the files as the agent would: the fingerprint of that may be one that failed. */
function findQuarantine({ memory, effective }: GatewayState, files: readonly SourceFile[]): string | null {
  if (effective === null) return null;
  const fingerprint = fingerprintOf(effective, files);
  const entry = memory.quarantined.find((one) => one.fingerprint === fingerprint && !one.isRetrying);
  return entry === undefined ? null : entry.reason;
}

function fingerprintOf(effective: Release, files: readonly SourceFile[]): string | null {
  const { inputs, facts } = effective;
  const snapshot = {
    id: snapshotIdOf(files, sha256),
    group: facts.group,
    files,
    origin: facts.origin,
    allow: [],
  };
  const release = renderRelease({ snapshot, kept: { paths: [], files: [] }, inputs, sha256 });
  return 'kind' in release ? null : release.facts.fingerprint;
}
