/** What must be the case once nothing is left to wait for: predicted from what was synced, asked and seen to fail. */
import type { Behaviour } from '../../../fakes/plan-engine.ts';
import {
  fingerprintOf,
  hasMetaschema,
  metaschemasOf,
  showsAll,
  snapshotOf,
} from '../../../fakes/plan-source.ts';
import { aliveRun, isPausedForGood, isQuarantined, lastRun, type Notes } from './notes.ts';

export interface AtRest {
  readonly notes: Notes;
  readonly behaviourOf: (fingerprint: string) => Behaviour;
  readonly drift: readonly string[];
  /** Cycles that did something in the hour after. */
  readonly unrest: readonly string[];
}

type Prediction = (rest: AtRest) => string | null;

/** Nothing is wanted, or it failed, and nothing was proven to go back to. */
const isNothingAcceptable = (notes: Notes) => {
  const { desired, proven } = notes.status;
  return proven === null && (desired === null || isQuarantined(notes, desired));
};

/** The newest snapshot is wanted, or it is said why it is not. */
const isTakenIn: Prediction = ({ notes: { cut, status, live, baselines } }) => {
  if (cut === null) return null;
  const snapshot = snapshotOf(cut);
  const { desired, exposure, refused } = status;
  if (cut.isBroken)
    return refused?.snapshot === snapshot ? null : `${snapshot} is broken and not named as refused`;
  const before = baselines.get(cut.group) ?? live;
  const isHeld = exposure?.snapshot === snapshot;
  if (isHeld) {
    const isWider = cut.shows === 'all' && (before === null || !showsAll(before));
    return isWider && !cut.allow.includes('exposure') ? null : `${snapshot} is held for nothing`;
  }
  if (desired?.snapshot !== snapshot) return `${snapshot} is neither desired nor held`;
  if (desired.fingerprint !== fingerprintOf(cut)) return `${desired.digest} is not what ${snapshot} says`;
  const isKept = cut.metaschema === null && hasMetaschema(desired);
  const isSaid = status.kept[cut.group]?.snapshot === snapshot;
  return isKept === isSaid
    ? null
    : `the hold of ${snapshot} is ${isSaid ? 'said' : 'not said'}, kept: ${isKept}`;
};

const isLive: Prediction = ({ notes, behaviourOf }) => {
  const { status, live, isLiveWhole } = notes;
  const { desired, proven, quarantined } = status;
  if (!isLiveWhole) return `${live?.digest} is published by half`;
  if (isPausedForGood(notes) || !notes.isMemorySufficient || desired === null) return null;
  const condemned = quarantined.find(
    ({ fingerprint, digest }) => fingerprint === desired.fingerprint || digest === desired.digest,
  );
  if (condemned === undefined) {
    if (live?.digest !== desired.digest) return `${desired.digest} is desired, ${live?.digest} is live`;
    const isGood = behaviourOf(desired.fingerprint) === 'serves';
    if (!isGood) return null;
    return proven?.digest === desired.digest ? null : `${desired.digest} is live and good, and not proven`;
  }
  if (proven === null) return null;
  if (live?.fingerprint !== proven.fingerprint) return `${proven.digest} is proven, ${live?.digest} is live`;
  const isEdit =
    condemned.fingerprint !== null && condemned.digest !== desired.digest && desired.group === proven.group;
  if (!isEdit || isQuarantined(notes, live)) return null;
  const isFollowed = metaschemasOf(live) === metaschemasOf(desired);
  const isOwnFault = quarantined.some(({ fingerprint }) => fingerprint === null);
  return isFollowed || isOwnFault
    ? null
    : `the metaschemas of ${desired.digest} are not live on ${proven.digest}`;
};

const isCondemned: Prediction = ({ notes, behaviourOf }) => {
  const { desired, proven, quarantined } = notes.status;
  if (isPausedForGood(notes) || !notes.isMemorySufficient || desired === null) return null;
  const stale = quarantined.find(
    ({ fingerprint }) => fingerprint !== null && fingerprint !== desired.fingerprint,
  );
  if (stale !== undefined) return `${stale.digest} is still quarantined, and no longer wanted`;
  if (behaviourOf(desired.fingerprint) === 'serves' || desired.fingerprint === proven?.fingerprint)
    return null;
  return quarantined.some(({ fingerprint }) => fingerprint === desired.fingerprint)
    ? null
    : `${desired.digest} ${behaviourOf(desired.fingerprint)} and is not quarantined`;
};

const isRunning: Prediction = ({ notes, behaviourOf }) => {
  const { status, live } = notes;
  if (isPausedForGood(notes) || !notes.isMemorySufficient || live === null) return null;
  const run = aliveRun(notes);
  const { proven } = status;
  if (isNothingAcceptable(notes)) {
    return run === null ? null : `${run.release.digest} runs, and nothing is acceptable`;
  }
  if (behaviourOf(live.fingerprint) !== 'serves') return null;
  // What was proven, was begun by its supervisor and hangs is nobody's to end: the design knows exits alone.
  const isHanging = run !== null && !run.isOfAgent && run.how !== 'serves';
  if (isHanging && run.release.fingerprint === proven?.fingerprint) return null;
  if (run === null || run.servedAt === null) return `${live.digest} is live, and nothing serves`;
  return run.release.fingerprint === live.fingerprint
    ? null
    : `${live.digest} is live, ${run.release.digest} runs`;
};

const isAnswered: Prediction = ({ notes }) => {
  const open = [...notes.asked.values()].filter((asked) => !asked.isAnswered);
  if (isPausedForGood(notes) || !notes.isMemorySufficient || open.length === 0) return null;
  return `${open.map(({ request }) => request.id).join(', ')}: never answered`;
};

const isPutRight: Prediction = ({ notes, drift }) =>
  isPausedForGood(notes) || isNothingAcceptable(notes) || drift.length === 0
    ? null
    : `${drift.join(', ')}: changed by hand, and not put right`;

/** What was proven and fails now is tried again for ever, and in a pause what fails is not replaced. */
const isQuiet: Prediction = ({ notes, behaviourOf, unrest }) => {
  const { proven } = notes.status;
  const isSick = proven !== null && behaviourOf(proven.fingerprint) !== 'serves';
  const isLeftAlone = isPausedForGood(notes) && lastRun(notes)?.how !== 'serves';
  return isSick || isLeftAlone || unrest.length === 0
    ? null
    : `it does not rest: ${unrest.slice(0, 6).join(' ')}`;
};

export const PREDICTIONS: Readonly<Record<string, Prediction>> = {
  'the newest snapshot is taken in': isTakenIn,
  'the live etc is the whole of what is wanted, or of what was proven': isLive,
  'what fails is quarantined, and nothing else is': isCondemned,
  'what is live serves': isRunning,
  'what was changed by hand is put right': isPutRight,
  'every request is answered': isAnswered,
  'it comes to rest': isQuiet,
};
