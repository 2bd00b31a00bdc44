/** What may start or restart the analytics process, and when. */
import { LIMITS, MINUTE } from '../../../fakes/builders.ts';
import {
  type Asked,
  aliveRun,
  type Happening,
  isQuarantined,
  lastRun,
  type Notes,
  pausedNow,
  wasClockSet,
} from './notes.ts';
import type { Promised } from './promise.ts';

type Began = Extract<Happening, { kind: 'began' }>;

const byAgent =
  (judge: (notes: Notes, began: Began) => string | null): Promised['judge'] =>
  (notes, event) =>
    event.kind === 'began' && event.cause !== 'automatic' ? judge(notes, event) : null;

const isRollback = ({ status }: Notes, { release }: Began) =>
  status.quarantined.length > 0 && release.fingerprint === status.proven?.fingerprint;

/** No run began since it was asked for. */
const isUnserved = ({ runs }: Notes, { request, isAnswered, runs: before }: Asked) =>
  request.kind === 'restart' && !isAnswered && runs.length === before;

const hasReason = byAgent((notes, { replaces, release }) => {
  const replaced = lastRun(notes);
  if (replaces === null || replaced === null) return null;
  if (replaced.release.fingerprint !== release.fingerprint) return null;
  if ([...notes.asked.values()].some((asked) => isUnserved(notes, asked))) return null;
  return `${replaced.release.digest} was replaced by ${release.digest}, which needs no restart, and nobody asked`;
});

const isSpaced = byAgent((notes, began) => {
  const before = notes.runs.findLast(({ isOfAgent }) => isOfAgent);
  if (began.replaces === null || before === undefined) return null;
  if (isRollback(notes, began) || before.isRollback || wasClockSet(notes, before.beganAt)) return null;
  // Killed before it was noted that what was stopped by hand is started again: the next life counts from before.
  if (before.replaces === null && notes.diedAt === before.beganAt) return null;
  const afterMs = notes.at - before.beganAt;
  return afterMs >= LIMITS.spacingMs ? null : `a restart only ${afterMs / 1_000} s after the last`;
});

/** Minutes after which a mere time-out is tried again: section 6 of the design. */
const RETRY_MINUTES = [5, 15, 60] as const;

const isNotTriedAgain = byAgent((notes, { release }) => {
  if (release.fingerprint === notes.status.proven?.fingerprint) return null;
  const failures = notes.failures.filter(
    ({ fingerprint, isLifted }) => fingerprint === release.fingerprint && !isLifted,
  );
  const last = failures.at(-1);
  if (last === undefined) return null;
  if (last.kind !== 'timeout') return `${release.digest} is tried again after ${last.kind}`;
  if (wasClockSet(notes, last.at)) return null;
  const minutes = RETRY_MINUTES[failures.length - 1];
  if (minutes === undefined) return `${release.digest} is tried a fifth time without a person`;
  const afterMs = notes.at - last.at;
  return afterMs >= minutes * MINUTE
    ? null
    : `${release.digest} is tried again ${afterMs / 1_000} s after a time-out`;
});

const isNotQuarantined = byAgent((notes, { release }) =>
  isQuarantined(notes, release) ? `${release.digest} is quarantined and was started` : null,
);

/** The try that was under way is over: it was proven to serve and to stay, or it failed. */
function isAttemptOver(notes: Notes): boolean {
  const { runs, at } = notes;
  const last = lastRun(notes);
  if (last === null || isQuarantined(notes, last.release)) return true;
  const begun = runs.findLastIndex(({ isOfAgent }) => isOfAgent);
  const other = runs.findLastIndex(({ release }) => release.fingerprint !== last.release.fingerprint);
  // A run that was asked for opens one, though its supervisor began it; the answer comes before it has stayed.
  const awaited = [...notes.asked.values()]
    .filter(({ request, runs: before }) => request.kind === 'restart' && before < runs.length)
    .map(({ runs: before }) => before);
  return runs.slice(Math.max(begun, other + 1, ...awaited)).some(({ servedAt, endedAt }) => {
    // No agent saw it before.
    const seenAt = servedAt === null ? null : Math.max(servedAt, notes.awayAt ?? 0);
    return seenAt !== null && (endedAt ?? at) - seenAt > LIMITS.stableMs;
  });
}

const restsInPause = byAgent((notes, began) => {
  if (pausedNow(notes) !== 'yes') return null;
  const last = lastRun(notes);
  if (last === null) return `${began.release.digest} was started for the first time in a pause`;
  if (isRollback(notes, began)) return null;
  const isGoingOn = last.release.fingerprint === began.release.fingerprint && !isAttemptOver(notes);
  return isGoingOn ? null : `${began.release.digest} was started in a pause (before: ${last.release.digest})`;
});

const MOST_STARTS = 12;

const isSickAtRest: Promised['judge'] = (notes, event) => {
  if (event.kind !== 'began') return null;
  const { proven } = notes.status;
  if (event.release.fingerprint !== proven?.fingerprint || notes.isAway) return null;
  // Another release may be wanted, and wait for its end.
  if (pausedNow(notes) !== 'no') return null;
  const { retriedAt, awayAt, clockSetAt, pausedAt } = notes;
  // In a pause its supervisor starts it again for ever.
  const unwatched = [retriedAt, awayAt ?? 0, clockSetAt ?? 0, pausedAt ?? 0];
  const since = Math.max(notes.at - 10 * MINUTE, ...unwatched);
  // Another configuration that is tried between begins the count anew.
  const other = notes.runs.findLastIndex(({ release }) => release.fingerprint !== proven.fingerprint);
  const starts = notes.runs
    .slice(other + 1)
    .filter(({ beganAt, exit }) => beganAt >= since && exit?.isExpected === false);
  return starts.length < MOST_STARTS
    ? null
    : `started ${starts.length} times in ten minutes, ending each time`;
};

const needsMemory = byAgent((notes, began) => {
  const last = lastRun(notes);
  const isRestarting = last?.exit?.isExpected === false && isRollback(notes, began);
  if (notes.isMemorySufficient || began.replaces !== null || isRestarting) return null;
  return `${began.release.digest} was started with too little memory`;
});

const judgedInTime: Promised['judge'] = (notes, event) => {
  const { runs, at, status } = notes;
  if ((event.kind !== 'settled' && event.kind !== 'remembered') || notes.isAway) return null;
  const run = aliveRun(notes);
  if (run === null || run.release.fingerprint === status.proven?.fingerprint) return null;
  const begun = runs.findLastIndex(({ isOfAgent }) => isOfAgent);
  const first = runs[Math.max(0, begun)];
  if (first === undefined || first.release.fingerprint !== run.release.fingerprint) return null;
  // Judged it was perhaps, and nothing else might be started.
  if (Math.max(notes.pausedAt ?? -1, notes.memoryShortAt ?? -1) >= first.beganAt) return null;
  const ofAttempt = runs.slice(Math.max(0, begun));
  const isSeen = ofAttempt.every(
    ({ servedAt, release }) => servedAt === null && release.fingerprint === run.release.fingerprint,
  );
  if (!isSeen || wasClockSet(notes, first.beganAt) || (notes.awayAt ?? -MINUTE) > at - 10_000) return null;
  const hasServed = runs.some(({ servedAt, beganAt }) => servedAt !== null && beganAt >= notes.bootedAt);
  const limitMs = hasServed ? LIMITS.proveMs : LIMITS.proveFirstMs;
  const afterMs = at - first.beganAt;
  return afterMs <= limitMs + 10_000
    ? null
    : `${run.release.digest} serves nobody for ${afterMs / 1_000} s and is still waited for`;
};

export const STARTS: readonly Promised[] = [
  { words: 'a restart has a reason: other catalogs, or a request', judge: hasReason },
  { words: 'restarts are spaced', judge: isSpaced },
  { words: 'what failed is not tried again but by the rules', judge: isNotTriedAgain },
  { words: 'what is quarantined is not started', judge: isNotQuarantined },
  { words: 'nothing is started or restarted in a pause', judge: restsInPause },
  { words: 'a sick machine is started at growing intervals', judge: isSickAtRest },
  { words: 'too little memory starts nothing', judge: needsMemory },
  { words: 'a try ends in its time, also when the agent was killed', judge: judgedInTime },
];
