import type { Memory } from './memory.ts';

/** When the agent, by its own clock, did what it remembers: none of it can lie ahead, unless the clock was set back. */
function pastOf(memory: Memory): readonly number[] {
  const { attempt, job, drain, sick, watch, paused, run, exits, quarantined, requests } = memory;
  return [
    attempt?.openedAt,
    attempt?.serving?.at,
    job?.sentAt,
    drain?.beganAt,
    sick?.since,
    watch?.since,
    paused?.at,
    run?.startedAt,
    ...exits.map(({ at }) => at),
    ...quarantined.map(({ at }) => at),
    ...requests.map(({ acceptedAt }) => acceptedAt),
  ].filter((at) => at !== undefined);
}

/** By how much the clock was set back at least, as the memory shows it; 0 where it shows nothing. */
export function setBackMs(memory: Memory, now: number): number {
  return Math.max(0, ...pastOf(memory).map((at) => at - now));
}

/**
 * The memory with everything that is measured set back with the clock, so that order and lengths stay: a deadline
 * would else be waited for by the whole jump, and an exit from before would count as one from after.
 */
export function shiftMemory(memory: Memory, byMs: number): Memory {
  const back = (at: number) => at - byMs;
  const backOrNull = (at: number | null) => (at === null ? null : back(at));
  const { attempt, job, drain, sick, watch, paused, run, lastRestart } = memory;
  return {
    ...memory,
    attempt:
      attempt === null
        ? null
        : {
            ...attempt,
            openedAt: back(attempt.openedAt),
            proveBy: back(attempt.proveBy),
            serving: attempt.serving === null ? null : { ...attempt.serving, at: back(attempt.serving.at) },
            stableUntil: backOrNull(attempt.stableUntil),
          },
    job: job === null ? null : { ...job, sentAt: back(job.sentAt) },
    drain: drain === null ? null : { ...drain, beganAt: back(drain.beganAt), until: back(drain.until) },
    sick: sick === null ? null : { ...sick, since: back(sick.since), startAt: back(sick.startAt) },
    watch: watch === null ? null : { ...watch, since: back(watch.since), exitsAt: watch.exitsAt.map(back) },
    paused: paused === null ? null : { ...paused, at: back(paused.at), until: backOrNull(paused.until) },
    run: run === null ? null : { ...run, startedAt: back(run.startedAt) },
    lastRestart: lastRestart === null ? null : { ...lastRestart, at: back(lastRestart.at) },
    exits: memory.exits.map((exit) => ({ ...exit, at: back(exit.at) })),
    quarantined: memory.quarantined.map((entry) => ({
      ...entry,
      at: back(entry.at),
      retryAt: backOrNull(entry.retryAt),
    })),
    requests: memory.requests.map((request) => ({ ...request, acceptedAt: back(request.acceptedAt) })),
  };
}
