/** Every request has one answer, and the answer is true. */
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

type Answered = Extract<Happening, { kind: 'answered' }>;

const onAnswer =
  (judge: (notes: Notes, asked: Asked, answered: Answered['answer']) => string | null): Promised['judge'] =>
  (notes, event) => {
    if (event.kind !== 'answered') return null;
    const asked = notes.asked.get(event.answer.id);
    if (asked === undefined) return `${event.answer.id} was never asked`;
    return judge(notes, asked, event.answer);
  };

const isOnce = onAnswer((notes, { isAnswered, at }, { id }) =>
  // Killed between the answer and its own note, the agent gives it again; the first stays.
  isAnswered && (notes.diedAt === null || notes.diedAt < at) ? `${id} is answered twice` : null,
);

/** Why a restart may have failed. */
function hasFailed(notes: Notes, asked: Asked): boolean {
  const { status, failures, runs, at } = notes;
  const { desired, proven } = status;
  if (!notes.isMemorySufficient) return true;
  if (desired === null || (isQuarantined(notes, desired) && proven === null)) return true;
  if (failures.some((failure) => failure.at >= asked.at)) return true;
  const hasEnded = runs.some(
    ({ endedAt, exit }) => exit?.isExpected === false && (endedAt ?? 0) >= asked.at - 60 * MINUTE,
  );
  const last = lastRun(notes);
  const isLate = last !== null && last.servedAt === null && at - last.beganAt >= LIMITS.proveMs;
  // Stopped before it served, and no agent looked until its time was over.
  const isMissed = runs.some(
    ({ beganAt, servedAt, endedAt }) =>
      servedAt === null && (endedAt ?? -1) >= asked.at && (notes.awayAt ?? -1) - beganAt >= LIMITS.proveMs,
  );
  // Stopped by a person in a pause, it is not started.
  const isLeftStopped = (notes.pausedAt ?? -1) >= asked.at;
  return (
    isLeftStopped ||
    hasEnded ||
    isLate ||
    isMissed ||
    wasClockSet(notes, Math.min(asked.at, last?.beganAt ?? asked.at))
  );
}

const isTrueRestart = onAnswer((notes, asked, { id, outcome, reason }) => {
  if (asked.request.kind !== 'restart') return null;
  if (outcome === 'refused')
    return reason === 'paused' && asked.wasPaused !== 'no' ? null : `${id} is refused: ${reason}`;
  if (outcome === 'failed') return hasFailed(notes, asked) ? null : `${id} failed for nothing: ${reason}`;
  const run = aliveRun(notes);
  if (run === null || run.servedAt === null) return `${id} is done, and nothing serves`;
  if (notes.runs.length === asked.runs) return `${id} is done, and nothing began since it was asked`;
  const { proven } = notes.status;
  return run.release.fingerprint === proven?.fingerprint ? null : `${id} is done with what is not proven`;
});

const isTruePoll = onAnswer((notes, { request }, { id, outcome }) => {
  if (request.kind !== 'poll') return null;
  const expected = notes.isSourceAway
    ? 'failed'
    : notes.isSourcePending
      ? 'done'
      : notes.cut?.isBroken === true
        ? 'refused'
        : 'done';
  return outcome === expected ? null : `${id} is ${outcome}, expected ${expected}`;
});

const isPrompt: Promised['judge'] = (notes, event) => {
  if (event.kind !== 'settled') return null;
  for (const [id, { request, isAnswered, wasPaused }] of notes.asked) {
    if (isAnswered) continue;
    if (request.kind !== 'restart' && request.kind !== 'poll') return `${id} (${request.kind}) has no answer`;
    if (request.kind === 'restart' && wasPaused === 'yes' && pausedNow(notes) === 'yes')
      return `${id} was asked in a pause and is not refused`;
  }
  return null;
};

export const ANSWERS: readonly Promised[] = [
  { words: 'a request is answered once', judge: isOnce },
  { words: 'the answer to a restart is true', judge: isTrueRestart },
  { words: 'the answer to a poll is true', judge: isTruePoll },
  { words: 'what needs no time is answered at once', judge: isPrompt },
];
