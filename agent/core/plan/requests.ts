/** Restart requests: accepted once, served by a run that began later, answered once. */
import type { Action } from '../actions.ts';
import { REQUEST_SETTLE_MS } from '../limits.ts';
import type { AcceptedRequest } from '../memory.ts';
import type { Observed } from '../observed.ts';
import { chooseTarget, isPaused, isProvenFingerprint, isServing } from './facts.ts';
import { act, type Section, wait } from './step.ts';

/** A job was sent and the run that it makes has not appeared yet. */
const isJobAhead = ({ memory, run }: Observed): boolean => {
  const { attempt, job } = memory;
  if (attempt === null || job === null || job.sentAt < attempt.openedAt) return false;
  return run.id === null || run.id === attempt.replaces;
};

const answer = (
  { id }: { readonly id: string },
  outcome: 'done' | 'failed' | 'refused',
  reason: string,
  at: number,
): Action => ({ kind: 'answer', id, outcome, reason, at });

export const acceptRequests: Section = (observed, now) => {
  const { memory, run, requests } = observed;
  const fresh = requests.filter(({ id }) => !memory.requests.some((known) => known.id === id));
  if (fresh.length === 0) return null;
  const actions = fresh.map((request): Action => {
    if (isPaused(observed, now)) return answer(request, 'refused', 'paused', now);
    if (chooseTarget(observed) === null)
      return answer(request, 'failed', 'there is no configuration to run', now);
    if (!observed.isMemorySufficient)
      return answer(request, 'failed', 'too little memory for the analytics process', now);
    const accepted: AcceptedRequest = {
      ...request,
      acceptedAt: now,
      after: run.id,
      isJobAhead: isJobAhead(observed),
      pidBefore: run.pid,
      servedBy: null,
      failure: null,
    };
    return { kind: 'accept-request', request: accepted };
  });
  return act(`${fresh.length} ${fresh.length === 1 ? 'request' : 'requests'} taken in`, ...actions);
};

const isReady = ({ source }: Observed, request: AcceptedRequest, now: number): boolean =>
  source.isUnreachable ||
  source.isPending ||
  (source.settledAt !== null && source.settledAt >= request.acceptedAt) ||
  now >= request.acceptedAt + REQUEST_SETTLE_MS;

/** The first request that needs a restart now; null when none does. */
export function dueRequest(observed: Observed, now: number): AcceptedRequest | null {
  const open = observed.memory.requests.filter(
    ({ servedBy, isJobAhead: waits }) => servedBy === null && !waits,
  );
  return open.find((request) => isReady(observed, request, now)) ?? null;
}

export const awaitSettle: Section = (observed, now) => {
  const waiting = observed.memory.requests.find(
    (request) => request.servedBy === null && !isReady(observed, request, now),
  );
  return waiting === undefined
    ? null
    : wait('a restart was asked for: looking at the source first', waiting.acceptedAt + REQUEST_SETTLE_MS);
};

export const answerRequests: Section = (observed, now) => {
  const { memory, started } = observed;
  if (memory.requests.length === 0) return null;
  const actions = memory.requests.flatMap((request): readonly Action[] => {
    if (chooseTarget(observed) === null)
      return [answer(request, 'failed', request.failure ?? 'nothing to run', now)];
    if (memory.sick?.isStopped === true) {
      return [
        answer(request, 'failed', request.failure ?? 'it does not come back; it is tried again later', now),
      ];
    }
    if (request.servedBy === null || !isServing(observed) || started === null) return [];
    if (!isProvenFingerprint(observed, started.fingerprint)) return [];
    return [
      request.failure === null
        ? answer(request, 'done', 'serving', now)
        : answer(request, 'failed', `rolled back: ${request.failure}`, now),
    ];
  });
  return actions.length === 0 ? null : act('a request is answered', ...actions);
};
