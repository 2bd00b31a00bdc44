/** Requests: taken in once, served by what came later, answered once. */
import type { Action } from '../actions.ts';
import { REQUEST_SETTLE_MS } from '../limits.ts';
import type { AcceptedRequest, Acknowledgement } from '../memory.ts';
import type { Observed, OpenRequest } from '../observed.ts';
import { chooseRunnable, isDown, isPaused, isProvenFingerprint, isServing, short } from './facts.ts';
import { act, type Section, wait } from './step.ts';

type Outcome = Extract<Action, { kind: 'answer' }>['outcome'];

const answer = (request: { readonly id: string }, outcome: Outcome, reason: string, at: number): Action => ({
  kind: 'answer',
  id: request.id,
  outcome,
  reason,
  at,
});

const TOO_LITTLE_MEMORY = 'too little memory for the analytics process';

/** A job was sent and the run that it makes has not appeared yet. */
const isJobAhead = ({ memory, run }: Observed): boolean => {
  const { attempt, job } = memory;
  if (attempt === null || job === null || job.sentAt < attempt.openedAt) return false;
  // It appeared already and is gone again.
  if (memory.run !== null && memory.run.startedAt >= job.sentAt) return false;
  return run.id === null || run.id === attempt.replaces;
};

function accept(
  observed: Observed,
  request: OpenRequest & { kind: 'restart' | 'poll' },
  now: number,
): Action {
  const { id, by, reason, requestedAt } = request;
  const accepted: AcceptedRequest = {
    kind: request.kind,
    id,
    by,
    reason,
    requestedAt,
    acceptedAt: now,
    isNow: request.kind === 'restart' && request.isNow,
    after: observed.run.id,
    isJobAhead: isJobAhead(observed),
    pidBefore: observed.run.pid,
    servedBy: null,
    failure: null,
  };
  return { kind: 'accept-request', request: accepted };
}

function takeRestart(observed: Observed, request: OpenRequest & { kind: 'restart' }, now: number): Action {
  if (isPaused(observed, now)) return answer(request, 'refused', 'paused', now);
  if (chooseRunnable(observed) === null)
    return answer(request, 'failed', 'there is no configuration to run', now);
  if (!observed.isMemorySufficient) return answer(request, 'failed', TOO_LITTLE_MEMORY, now);
  return accept(observed, request, now);
}

/** The paths that a hold of this kind has for exactly this snapshot; null without such a hold. */
function heldPaths(
  { memory }: Observed,
  request: OpenRequest & { kind: 'allow' },
): Acknowledgement['paths'] | null {
  if (request.hold === 'exposure') {
    return memory.exposure?.snapshot === request.snapshot ? memory.exposure.paths : null;
  }
  const kept = Object.values(memory.kept).find(({ snapshot }) => snapshot === request.snapshot);
  return kept === undefined ? null : kept.paths.map((path) => ({ path, reason: null }));
}

function takeAllow(
  observed: Observed,
  request: OpenRequest & { kind: 'allow' },
  now: number,
): readonly Action[] {
  const held = heldPaths(observed, request);
  // Killed between the acknowledgement and its answer, or asked twice: it was said already.
  const known = observed.memory.acknowledgements.find(
    ({ kind, snapshot }) => kind === request.hold && snapshot === request.snapshot,
  );
  if (held === null && known !== undefined) {
    return [answer(request, 'done', `allowed: ${known.paths.map(({ path }) => path).join(', ')}`, now)];
  }
  if (held === null) {
    const reason = `no ${request.hold} of snapshot ${short(request.snapshot)} is held: look at the status again`;
    return [answer(request, 'refused', reason, now)];
  }
  const paths = request.paths.length === 0 ? held : held.filter(({ path }) => request.paths.includes(path));
  if (paths.length === 0) return [answer(request, 'refused', 'none of these paths is held', now)];
  const yes: Acknowledgement = {
    kind: request.hold,
    snapshot: request.snapshot,
    paths,
    at: now,
    by: request.by,
  };
  return [
    { kind: 'acknowledge', acknowledgements: [...observed.memory.acknowledgements, yes] },
    answer(request, 'done', `allowed: ${paths.map(({ path }) => path).join(', ')}`, now),
  ];
}

function take(observed: Observed, request: OpenRequest, now: number): readonly Action[] {
  const { memory } = observed;
  switch (request.kind) {
    case 'restart':
      return [takeRestart(observed, request, now)];
    case 'poll':
      return [accept(observed, request, now)];
    case 'retry':
      return memory.quarantined.length === 0 && memory.sick === null
        ? [answer(request, 'done', 'nothing was quarantined', now)]
        : [{ kind: 'lift-quarantine' }, answer(request, 'done', 'tried again now', now)];
    case 'allow':
      return takeAllow(observed, request, now);
    case 'pause': {
      const until = request.forMs === null ? null : now + request.forMs;
      const pause = { at: now, by: request.by, reason: request.reason, until };
      return [{ kind: 'pause', pause }, answer(request, 'done', 'paused', now)];
    }
    case 'resume':
      return memory.paused === null
        ? [answer(request, 'done', 'was not paused', now)]
        : [{ kind: 'end-pause' }, answer(request, 'done', 'resumed', now)];
  }
}

/** One at a time: what one request changes, the next one must see. */
export const acceptRequests: Section = (observed, now) => {
  const fresh = observed.requests.filter(
    ({ id }) => !observed.memory.requests.some((known) => known.id === id),
  );
  const changing = fresh.find(({ kind }) => kind !== 'restart' && kind !== 'poll');
  const taken = changing === undefined ? fresh : [changing];
  if (taken.length === 0) return null;
  const actions = taken.flatMap((request) => take(observed, request, now));
  return act(`${taken.length} ${taken.length === 1 ? 'request' : 'requests'} taken in`, ...actions);
};

const isSettled = ({ source }: Observed, request: AcceptedRequest, now: number): boolean =>
  source.isUnreachable ||
  source.isPending ||
  // A listing from before the clock was set back seems to lie ahead.
  (source.settledAt !== null && source.settledAt >= request.acceptedAt && source.settledAt <= now) ||
  now >= request.acceptedAt + REQUEST_SETTLE_MS;

/** The first request that needs a restart now; null when none does. */
export function dueRequest(observed: Observed, now: number): AcceptedRequest | null {
  const open = observed.memory.requests.filter(
    ({ kind, servedBy, isJobAhead: waits }) => kind === 'restart' && servedBy === null && !waits,
  );
  return open.find((request) => isSettled(observed, request, now)) ?? null;
}

export const awaitSettle: Section = (observed, now) => {
  const waiting = observed.memory.requests.find(
    (request) => request.servedBy === null && !isSettled(observed, request, now),
  );
  if (waiting === undefined) return null;
  const reason = `a ${waiting.kind} was asked for: looking at the source first`;
  return wait(reason, waiting.acceptedAt + REQUEST_SETTLE_MS);
};

function answerPoll(observed: Observed, request: AcceptedRequest, now: number): readonly Action[] {
  if (!isSettled(observed, request, now)) return [];
  const { memory, source } = observed;
  if (source.isUnreachable) return [answer(request, 'failed', 'the source cannot be read', now)];
  if (source.isPending)
    return [answer(request, 'done', 'a sync is under way; nothing of it is taken yet', now)];
  if (memory.refused !== null) return [answer(request, 'refused', memory.refused.reason, now)];
  return [answer(request, 'done', memory.exposure === null ? 'up to date' : 'held: it would show more', now)];
}

function answerRestart(observed: Observed, request: AcceptedRequest, now: number): readonly Action[] {
  const { memory, started } = observed;
  const failed = (reason: string) => [answer(request, 'failed', request.failure ?? reason, now)];
  if (chooseRunnable(observed) === null) return failed('there is no configuration to run');
  if (memory.sick?.isStopped === true) {
    const why = request.failure ?? 'it does not come back';
    return [answer(request, 'failed', `${why}; it is tried again later, or now: gatewayctl retry`, now)];
  }
  if (!observed.isMemorySufficient && (request.servedBy === null || isDown(observed.run))) {
    return failed(TOO_LITTLE_MEMORY);
  }
  if (request.servedBy === null || !isServing(observed) || started === null) return [];
  // With a release that is not proven yet, the answer waits for proof or rollback.
  if (!isProvenFingerprint(observed, started.fingerprint)) return [];
  return [
    request.failure === null
      ? answer(request, 'done', 'serving', now)
      : answer(request, 'failed', `rolled back: ${request.failure}`, now),
  ];
}

export const answerRequests: Section = (observed, now) => {
  const actions = observed.memory.requests.flatMap((request) =>
    request.kind === 'poll' ? answerPoll(observed, request, now) : answerRestart(observed, request, now),
  );
  return actions.length === 0 ? null : act('a request is answered', ...actions);
};
