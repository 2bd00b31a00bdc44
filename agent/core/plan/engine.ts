/** The process follows the effective release: start, restart after spacing and drain, or stop. */
import type { Action } from '../actions.ts';
import type { AcceptedRequest, Attempt, StartCause } from '../memory.ts';
import type { Observed } from '../observed.ts';
import type { RunningQuery } from '../run.ts';
import type { ReleaseFacts } from '../types.ts';
import { drainFirst } from './drain.ts';
import {
  chooseRunnable,
  chooseTarget,
  isAlive,
  isDown,
  isFallingBack,
  isPaused,
  isProvenFingerprint,
  isServing,
} from './facts.ts';
import { dueRequest } from './requests.ts';
import { act, type Section, type Step, wait } from './step.ts';

/** A job that was accepted shows in the next look; where it does not, it is sent again after this time. */
const JOB_REPEAT_MS = 2_000;

export const stopWithoutTarget: Section = (observed, now) => {
  const { memory, run } = observed;
  const target = chooseTarget(observed);
  // What has no catalog is an order like any other: in a pause it waits, and what runs goes on.
  if (target !== null && (target.catalogs.length > 0 || isPaused(observed, now))) return null;
  const failed = 'the configuration failed and there is none to fall back on';
  const why =
    target !== null
      ? 'the configuration has no catalog'
      : memory.desired === null
        ? 'no configuration yet'
        : failed;
  if (isAlive(run)) return act(why, { kind: 'stop', why });
  return wait(why, null);
};

function causeOfStart(observed: Observed, target: ReleaseFacts): StartCause {
  const { memory, bootId } = observed;
  if (isFallingBack(observed) && memory.job?.cause !== 'rollback') return 'rollback';
  if (memory.job === null) return 'first-start';
  if (memory.servedBoot !== bootId) return 'boot';
  return memory.proven?.fingerprint === target.fingerprint ? 'stopped' : 'catalog';
}

/** Why the process that runs must be replaced, or null. */
function causeOfRestart(
  observed: Observed,
  target: ReleaseFacts,
  request: AcceptedRequest | null,
): StartCause | null {
  const { memory, run, started } = observed;
  const { attempt } = memory;
  if (started?.fingerprint !== target.fingerprint) {
    if (isFallingBack(observed)) return 'rollback';
    return memory.quarantined.some(({ isRetrying }) => isRetrying) ? 'retry' : 'catalog';
  }
  // The attempt is on disk and its job never went out, or was lost.
  if (attempt?.replaces !== null && attempt?.replaces === run.id) return attempt.cause;
  return request === null ? null : 'request';
}

/**
 * The job of the attempt never went out, or its process ended by itself: then its deadline stays. What was stopped by
 * a person or by a boot gets one of its own.
 */
const isJobOwed = ({ memory: { job, exits } }: Observed, { openedAt }: Attempt): boolean =>
  job === null || job.sentAt < openedAt || exits.some(({ at }) => at > openedAt);

function send(
  observed: Observed,
  target: ReleaseFacts,
  cause: StartCause,
  now: number,
  options: { reason: string; queriesKilled?: readonly RunningQuery[]; request?: AcceptedRequest | null },
): Step {
  const { memory, run, limits, bootId } = observed;
  const kind = isDown(run) ? 'start' : 'restart';
  const isFirst = memory.servedBoot !== bootId;
  const attempt: Attempt = {
    digest: target.digest,
    fingerprint: target.fingerprint,
    cause,
    replaces: kind === 'start' ? null : run.id,
    openedAt: now,
    proveBy: now + (isFirst ? limits.proveFirstMs : limits.proveMs),
    serving: null,
    stableUntil: null,
  };
  const isOpen =
    memory.attempt !== null &&
    memory.attempt.fingerprint === attempt.fingerprint &&
    memory.attempt.replaces === attempt.replaces &&
    memory.attempt.serving === null &&
    isJobOwed(observed, memory.attempt);
  const job: Action = {
    kind,
    cause,
    at: now,
    replaces: attempt.replaces,
    queriesKilled: options.queriesKilled ?? [],
    requestId: options.request?.id ?? null,
  };
  return isOpen ? act(options.reason, job) : act(options.reason, { kind: 'open-attempt', attempt }, job);
}

const REASONS: Readonly<Record<StartCause, string>> = {
  'first-start': 'first start of the analytics process',
  boot: 'first start after the boot',
  stopped: 'the analytics process was stopped and is started again',
  catalog: 'the catalogs changed: one restart',
  request: 'a restart was asked for',
  rollback: 'back to the last proven configuration',
  retry: 'the configuration that timed out is tried again',
  found: 'a run was found',
};

function startIt(observed: Observed, target: ReleaseFacts, now: number): Step {
  const { job } = observed.memory;
  // A start that was just accepted may not show yet.
  if (job !== null && now - job.sentAt < JOB_REPEAT_MS && observed.memory.attempt !== null) {
    return wait('the start was sent', job.sentAt + JOB_REPEAT_MS);
  }
  const cause = causeOfStart(observed, target);
  return send(observed, target, cause, now, { reason: REASONS[cause] });
}

/** What the restart ends has ended, and what it starts has not begun: the supervisor is at it. */
const isRestarting = ({ memory: { job }, run }: Observed): boolean =>
  job !== null &&
  job.replaces !== null &&
  run.id === null &&
  run.lastExit?.run === job.replaces &&
  run.lastExit.isExpected;

function restartIt(
  observed: Observed,
  target: ReleaseFacts,
  cause: StartCause,
  request: AcceptedRequest | null,
  now: number,
): Step {
  const { job } = observed.memory;
  const isRepeat = job !== null && job.replaces === observed.run.id && now - job.sentAt < JOB_REPEAT_MS;
  if (isRepeat) return wait('the restart was sent', job.sentAt + JOB_REPEAT_MS);
  if (isRestarting(observed)) return wait('the restart is under way', null);
  if (cause === 'rollback') return send(observed, target, cause, now, { reason: REASONS.rollback });
  // It died, and its supervisor starts it again by itself, from the release that is wanted.
  if (observed.run.id === null) return wait('the supervisor starts it again', null);

  // After a rollback the next configuration is tried at once.
  const spacedUntil = job === null || job.cause === 'rollback' ? now : job.sentAt + observed.limits.spacingMs;
  if (now < spacedUntil)
    return wait(`${REASONS[cause]}, once the restarts are far enough apart`, spacedUntil);
  const drain = drainFirst(observed, request, now);
  if (drain.step !== null) return drain.step;
  return send(observed, target, cause, now, { reason: REASONS[cause], queriesKilled: drain.left, request });
}

/** A pause leaves an attempt that runs alone: its own start may be sent again, nothing newer. */
const isAttemptGoingOn = ({ memory: { attempt }, run }: Observed, target: ReleaseFacts): boolean =>
  attempt !== null &&
  attempt.fingerprint === target.fingerprint &&
  (isDown(run) || (attempt.replaces !== null && attempt.replaces === run.id));

export const runEngine: Section = (observed, now) => {
  const { memory, run, intent, started } = observed;
  const target = chooseRunnable(observed);
  if (target === null || intent?.release.digest !== target.digest) return null;
  if (run.state === 'unknown') return wait('the supervisor cannot be asked', null);
  if (run.state === 'stopping') return wait('the analytics process is stopping', null);
  if (memory.sick?.isStopped === true && now < memory.sick.startAt) return null;
  const isStopped = isDown(run);
  const isTooSmall = !observed.isMemorySufficient;
  if (isTooSmall && isStopped) return wait('too little memory for the analytics process', null);

  const request = dueRequest(observed, now);
  const cause = isStopped ? causeOfStart(observed, target) : causeOfRestart(observed, target, request);
  // What runs all the same is left alone, but not with a configuration that failed.
  if (isTooSmall && cause !== null && cause !== 'rollback') return null;
  if (
    cause !== null &&
    isPaused(observed, now) &&
    cause !== 'rollback' &&
    !isAttemptGoingOn(observed, target)
  ) {
    return wait('paused: nothing is started or restarted', memory.paused?.until ?? null);
  }
  if (isStopped) return startIt(observed, target, now);
  if (cause !== null) return restartIt(observed, target, cause, request, now);

  const isUnproven = !isProvenFingerprint(observed, target.fingerprint);
  // Begun by its supervisor, it has no deadline of its own, and whoever asked would wait for ever.
  const isAwaited = !isServing(observed) && memory.requests.some(({ servedBy }) => servedBy !== null);
  if (
    memory.attempt === null &&
    (isUnproven || isAwaited) &&
    started?.fingerprint === target.fingerprint &&
    run.id !== null
  ) {
    const proveMs =
      memory.servedBoot === observed.bootId ? observed.limits.proveMs : observed.limits.proveFirstMs;
    const attempt: Attempt = {
      digest: started.digest,
      fingerprint: target.fingerprint,
      cause: 'found',
      replaces: null,
      openedAt: now,
      proveBy: now + proveMs,
      serving: null,
      stableUntil: null,
    };
    return act(
      isUnproven ? 'a run of an unproven configuration was found' : 'a run that was asked for was found',
      { kind: 'open-attempt', attempt },
    );
  }
  return null;
};
