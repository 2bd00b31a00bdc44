/** What may be wanted, and what may lie in the live etc. */
import type { ReleaseFacts } from '../../../../agent/core/types.ts';
import { hasMetaschema, showsAll } from '../../../fakes/plan-source.ts';
import { isQuarantined, type Notes, pausedNow } from './notes.ts';
import type { Promised } from './promise.ts';

/** Judges what was not wanted before. */
const onWish =
  (judge: (notes: Notes, desired: ReleaseFacts) => string | null): Promised['judge'] =>
  (notes, event) => {
    if (event.kind !== 'remembered') return null;
    const { desired } = event.memory;
    return desired === null || desired.digest === notes.status.desired?.digest ? null : judge(notes, desired);
  };

/** Judges what was not live before. */
const onChange =
  (judge: (notes: Notes, release: ReleaseFacts) => string | null): Promised['judge'] =>
  (notes, event) =>
    event.kind === 'live' && event.release.digest !== notes.live?.digest ? judge(notes, event.release) : null;

const holdsExposure = onWish(({ status, live, yes, baselines }, desired) => {
  if (!showsAll(desired) || yes.exposure) return null;
  // A group that was never proven is compared with what is live.
  const before = baselines.get(desired.group) ?? live;
  if (before === null || showsAll(before)) return null;
  return `${desired.digest} shows every database, ${before.digest} did not, and nobody allowed it (proven: ${status.proven?.digest})`;
});

const keepsLost = onWish(({ yes, baselines }, desired) => {
  const before = baselines.get(desired.group);
  if (hasMetaschema(desired) || yes.deletion || before === undefined || !hasMetaschema(before)) return null;
  return `${desired.digest} lost the metaschemas of ${before.digest}, and nobody allowed it`;
});

const isWanted = onChange(({ status: { desired, proven } }, { digest, fingerprint }) =>
  digest === desired?.digest || digest === proven?.digest || fingerprint === proven?.fingerprint
    ? null
    : `${digest} went live, and is neither desired nor proven`,
);

const restsInPause = onChange((notes, { digest }) => {
  const isRollback = notes.live !== null && isQuarantined(notes, notes.live);
  return pausedNow(notes) === 'yes' && !isRollback ? `${digest} went live in a pause` : null;
});

const isNotCondemned: Promised['judge'] = (notes, event) =>
  event.kind === 'live' && isQuarantined(notes, event.release)
    ? `${event.release.digest} is quarantined and went live`
    : null;

export const LIVE: readonly Promised[] = [
  { words: 'what shows more than before waits for a person', judge: holdsExposure },
  { words: 'files that were lost with their directory stay until a person agrees', judge: keepsLost },
  { words: 'only what is wanted or was proven goes live', judge: isWanted },
  { words: 'nothing new is published in a pause', judge: restsInPause },
  { words: 'what is quarantined does not go live', judge: isNotCondemned },
];
