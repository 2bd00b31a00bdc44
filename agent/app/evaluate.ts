/**
 * Judges a cut: gate, guards, rendering. The bytes of what it made stay at hand until the next cut, for the store.
 *
 * INVARIANTS
 * - The same cut with the same memory gives the same candidate; it is computed once.
 * - Nothing is written here.
 */

import {
  acknowledgedDeletions,
  acknowledgementsOf,
  allowedByManifest,
  isExposureAcknowledged,
  stillNeeded,
} from '../core/acknowledged.ts';
import { composeRelease } from '../core/compose.ts';
import type { Sha256 } from '../core/digest.ts';
import { widenedExposure } from '../core/gate/exposure.ts';
import { gate } from '../core/gate/gate.ts';
import { guardDeletions } from '../core/guard.ts';
import type { Issue } from '../core/issue.ts';
import type { Memory } from '../core/memory.ts';
import type { Candidate } from '../core/observed.ts';
import { own } from '../core/own.ts';
import { quarantineOf } from '../core/plan/facts.ts';
import type { Release, RenderingInputs } from '../core/release.ts';
import { renderRelease } from '../core/rendering.ts';
import { stickInputs } from '../core/sticky-inputs.ts';
import type { Digest, ReleaseFacts, Snapshot, SourceFile } from '../core/types.ts';
import type { ReleaseStore } from '../ports.ts';
import type { Cut } from './source-types.ts';

export interface Evaluator {
  /** The candidate that the cut makes; null without a cut. */
  judge(cut: Cut | null, memory: Memory): Promise<Candidate | null>;
  /** The newest metaschemas on the proven catalogs, where a quarantine calls for them. */
  compose(memory: Memory): Promise<ReleaseFacts | null>;
  /** A release that was made here, for the store; null when it was not. */
  made(digest: Digest): Release | null;
}

export function createEvaluator(options: {
  readonly store: ReleaseStore;
  readonly sha256: Sha256;
  readonly connectors: readonly string[];
  readonly exposure: 'hold' | 'allow';
  /** What the agent knows now for rendering a release of this group. */
  readonly inputs: (group: string) => Promise<RenderingInputs>;
}): Evaluator {
  const { store, sha256 } = options;
  let judged: {
    readonly key: string;
    readonly candidate: Candidate;
    readonly release: Release | null;
  } | null = null;
  let composed: { readonly key: string; readonly release: Release | null } | null = null;
  let gated: { readonly snapshot: Snapshot; readonly issues: readonly Issue[] } | null = null;

  const sourceOf = async (digest: Digest | undefined | null): Promise<Release | null> =>
    digest === undefined || digest === null ? null : store.read(digest);

  const checkGate = (snapshot: Snapshot): readonly Issue[] => {
    if (gated?.snapshot.id !== snapshot.id) {
      gated = { snapshot, issues: gate(snapshot.files, { connectors: options.connectors }) };
    }
    return gated.issues;
  };

  /** Bytes of kept files: from the release that keeps them, else from the baseline. */
  const collect = (paths: readonly string[], from: readonly (Release | null)[]): readonly SourceFile[] =>
    paths.flatMap((path) => {
      const found = from.map((release) => release?.source.find((file) => file.path === path)).find(Boolean);
      return found === undefined ? [] : [found];
    });

  const judgeSnapshot = async (
    snapshot: Snapshot,
    warnings: readonly Issue[],
    memory: Memory,
    current: RenderingInputs,
  ): Promise<{ candidate: Candidate; release: Release | null }> => {
    const { group, origin } = snapshot;
    const issues = [...warnings, ...checkGate(snapshot)];
    const given = acknowledgementsOf(memory, group);
    const refused = (all: readonly Issue[]) => ({
      candidate: {
        snapshot: snapshot.id,
        group,
        origin,
        issues: all,
        release: null,
        kept: [],
        widened: [],
        acknowledgements: given,
      },
      release: null,
    });
    if (issues.some(({ severity }) => severity === 'error')) return refused(issues);

    const baseline = await sourceOf(own(memory.baselines, group));
    const keeper = await sourceOf(own(memory.kept, group)?.from);
    const intent = await store.readIntent();
    const effective = await sourceOf(intent?.digest);
    const guard = (acknowledged: readonly string[]) =>
      guardDeletions({
        baseline: baseline?.source.map(({ path }) => path) ?? [],
        kept: own(memory.kept, group)?.paths ?? [],
        snapshot: snapshot.files.map(({ path }) => path),
        acknowledged,
      }).kept;
    const widen = (files: readonly SourceFile[]) => {
      // A group that was never proven here is compared with what is live, if that shows anything at all.
      const before = baseline ?? (effective?.facts.catalogs.length === 0 ? null : effective);
      return before === null || options.exposure === 'allow' ? [] : widenedExposure(before.source, files);
    };

    const deletions = guard([]);
    const known = [
      ...given,
      ...allowedByManifest(snapshot, { deletions, exposures: widen(snapshot.files) }).filter(
        (made) => !given.some((one) => one.snapshot === made.snapshot && one.kind === made.kind),
      ),
    ];
    const kept = guard(acknowledgedDeletions(known));
    const keptFiles = collect(kept, [keeper, baseline]);
    const files = [...snapshot.files, ...keptFiles];
    const exposures = widen(files);
    // Kept catalogs and new ones meet here for the first time: the set must pass as a whole.
    const together = keptFiles.length === 0 ? [] : gate(files, { connectors: options.connectors });
    if (together.some(({ severity }) => severity === 'error')) return refused([...warnings, ...together]);

    const inputs = stickInputs(effective?.inputs ?? null, current);
    const release = renderRelease({ snapshot, kept: { paths: kept, files: keptFiles }, inputs, sha256 });
    if ('kind' in release) {
      return refused([
        ...issues,
        {
          code: 'CATALOG_ENDPOINT_UNKNOWN',
          severity: 'error',
          path: 'catalog',
          line: 0,
          column: 0,
          message: release.reason,
          hint: 'Set `region` and `system`, or write datomic.client.config into the catalog.',
        },
      ]);
    }
    return {
      candidate: {
        snapshot: snapshot.id,
        group,
        origin,
        issues,
        release: release.facts,
        kept,
        widened: exposures.filter((one) => !isExposureAcknowledged(known, one)),
        acknowledgements: stillNeeded(known, { hasBaseline: baseline !== null, deletions, exposures }),
      },
      release,
    };
  };

  return {
    judge: async (cut, memory) => {
      if (cut === null) return null;
      const group = cut.kind === 'snapshot' ? cut.snapshot.group : cut.group;
      const current = await options.inputs(group);
      const key = JSON.stringify([
        cut.kind === 'snapshot' ? [cut.snapshot.id, cut.snapshot.origin, cut.snapshot.allow] : cut.id,
        cut.issues,
        own(memory.kept, group) ?? null,
        own(memory.baselines, group) ?? null,
        acknowledgementsOf(memory, group),
        current,
      ]);
      if (judged?.key === key) return judged.candidate;
      if (cut.kind === 'over-limit') {
        const candidate: Candidate = {
          snapshot: cut.id,
          group,
          origin: cut.origin,
          issues: cut.issues,
          release: null,
          kept: [],
          widened: [],
          acknowledgements: acknowledgementsOf(memory, group),
        };
        judged = { key, candidate, release: null };
      } else {
        judged = { key, ...(await judgeSnapshot(cut.snapshot, cut.issues, memory, current)) };
      }
      return judged.candidate;
    },

    compose: async (memory) => {
      const { desired, proven } = memory;
      if (desired === null || proven === null || desired.group !== proven.group) return null;
      const entry = quarantineOf({ memory }, desired);
      if (entry === null || entry.fingerprint === null || entry.digest === desired.digest) return null;
      const key = `${desired.digest} ${proven.digest}`;
      if (composed?.key !== key) {
        const [newest, good] = [await store.read(desired.digest), await store.read(proven.digest)];
        composed = {
          key,
          release:
            newest === null || good === null
              ? null
              : composeRelease({ desired: newest, proven: good, sha256 }),
        };
      }
      return composed.release?.facts ?? null;
    },

    made: (digest) =>
      [judged?.release, composed?.release].find((release) => release?.facts.digest === digest) ?? null,
  };
}
