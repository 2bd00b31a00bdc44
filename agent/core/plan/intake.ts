/** From the newest snapshot to the desired release: refuse, keep, hold, store, adopt. */

import type { Action } from '../actions.ts';
import type { Kept } from '../memory.ts';
import type { Candidate, Observed } from '../observed.ts';
import { own } from '../own.ts';
import type { ReleaseFacts } from '../types.ts';
import { isInStore, short } from './facts.ts';
import { act, type Section, type Step } from './step.ts';

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const refuse = ({ memory }: Observed, candidate: Candidate, now: number, group: readonly Action[]): Step => {
  if (memory.refused?.snapshot === candidate.snapshot) {
    return group.length === 0 ? null : act('the group in force moved', ...group);
  }
  const errors = candidate.issues.filter(({ severity }) => severity === 'error');
  const reason = `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}, first in ${errors[0]?.path ?? 'the source'}`;
  const refusal = {
    snapshot: candidate.snapshot,
    reason,
    issues: candidate.issues,
    at: now,
    by: candidate.origin.by,
  };
  return act(`snapshot ${short(candidate.snapshot)} is refused: ${reason}`, ...group, {
    kind: 'refuse',
    refusal,
  });
};

const keep = (
  { memory }: Observed,
  candidate: Candidate,
  release: ReleaseFacts,
  now: number,
): readonly Action[] => {
  const before = own(memory.kept, candidate.group) ?? null;
  // The hold names the newest snapshot that lacks the files: a person's yes to an older one does not count.
  const isKnown = candidate.kept.length === 0 ? before === null : before?.snapshot === candidate.snapshot;
  if (isKnown && isSame(before?.paths ?? [], candidate.kept)) return [];
  const kept: Kept | null =
    candidate.kept.length === 0
      ? null
      : {
          paths: candidate.kept,
          from: release.digest,
          snapshot: candidate.snapshot,
          at: before?.at ?? now,
        };
  return [{ kind: 'keep', group: candidate.group, kept }];
};

export const takeIn: Section = (observed, now) => {
  const { memory, candidate, source } = observed;
  if (candidate === null) return null;
  const group: readonly Action[] =
    source.group === null || isSame(memory.group, source.group)
      ? []
      : [{ kind: 'move-group', group: source.group }];
  const { release } = candidate;
  if (release === null) return refuse(observed, candidate, now, group);

  const actions: Action[] = [...group];
  if (!isInStore(observed, release)) actions.push({ kind: 'store', digest: release.digest });
  if (!isSame(memory.acknowledgements, candidate.acknowledgements)) {
    actions.push({ kind: 'acknowledge', acknowledgements: candidate.acknowledgements });
  }
  actions.push(...keep(observed, candidate, release, now));
  let reason = `release ${short(release.digest)} is stored`;

  if (candidate.widened.length > 0) {
    if (
      memory.exposure?.snapshot !== candidate.snapshot ||
      !isSame(memory.exposure.paths, candidate.widened)
    ) {
      const exposure = { snapshot: candidate.snapshot, paths: candidate.widened, at: now };
      actions.push({ kind: 'hold', exposure });
      reason = `snapshot ${short(candidate.snapshot)} is held: ${candidate.widened[0]?.path} would show more than before`;
    }
  } else if (
    memory.desired?.digest !== release.digest ||
    memory.refused !== null ||
    memory.exposure !== null
  ) {
    actions.push({ kind: 'adopt', release });
    reason = `release ${short(release.digest)} is desired`;
  }
  return actions.length === 0 ? null : act(reason, ...actions);
};

/** A composite is the target of the sections below; it must lie in the store like any other release. */
export const storeComposite: Section = (observed) => {
  const { composite } = observed;
  if (composite === null || isInStore(observed, composite)) return null;
  return act('the newest metaschemas go live on the proven catalogs', {
    kind: 'store',
    digest: composite.digest,
  });
};

/** A quarantine goes when what failed is no longer wanted. */
export const forgetQuarantine: Section = ({ memory, composite }) => {
  const { desired } = memory;
  if (desired === null) return null;
  const stale = memory.quarantined.filter(({ fingerprint, digest }) =>
    fingerprint === null
      ? digest !== desired.digest && digest !== composite?.digest
      : fingerprint !== desired.fingerprint,
  );
  if (stale.length === 0) return null;
  const digests = stale.map(({ digest }) => digest);
  return act('what was quarantined is no longer wanted', { kind: 'forget-quarantine', digests });
};
