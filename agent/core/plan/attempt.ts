/** An attempt ends proven, or with a quarantine; a fingerprint that was proven here only makes the host sick. */
import { TIMEOUT_RETRY_MS } from '../limits.ts';
import type { Attempt, FailureKind, Quarantine } from '../memory.ts';
import type { Observed } from '../observed.ts';
import { isDown, isOutOfMemory, isProvenFingerprint, isRunOfAttempt, isServing, short } from './facts.ts';
import { backOff } from './sick.ts';
import { act, type Section, type Step, wait } from './step.ts';

/** What ended in the very instant in which the attempt was opened was not its own. */
const countedExits = ({ memory }: Observed, attempt: Attempt) =>
  memory.exits.filter(({ at, run }) => at > attempt.openedAt && run !== attempt.replaces);

function fail(observed: Observed, attempt: Attempt, kind: FailureKind, reason: string, now: number): Step {
  const { startFailure } = observed;
  // What any configuration would fail of on this machine condemns none.
  if (startFailure?.isOfHost === true && attempt.serving === null) {
    return backOff(observed, attempt.fingerprint, now, `${startFailure.message}; ${startFailure.remedy}`);
  }
  if (isProvenFingerprint(observed, attempt.fingerprint))
    return backOff(observed, attempt.fingerprint, now, reason);
  const before = observed.memory.quarantined.find(({ fingerprint }) => fingerprint === attempt.fingerprint);
  const tries = (before?.tries ?? 0) + 1;
  const delayMs = kind === 'timeout' ? TIMEOUT_RETRY_MS[tries - 1] : undefined;
  const quarantine: Quarantine = {
    fingerprint: attempt.fingerprint,
    digest: attempt.digest,
    kind,
    reason,
    log: observed.log,
    at: now,
    retryAt: delayMs === undefined ? null : now + delayMs,
    tries,
    isRetrying: false,
  };
  return act(`release ${short(attempt.digest)} is quarantined: ${reason}`, {
    kind: 'quarantine',
    quarantine,
  });
}

/** Why the attempt has failed by what the process did, or null. */
function failureOf(observed: Observed, attempt: Attempt): { kind: FailureKind; reason: string } | null {
  // What was proven here is judged by the rules for a sick machine alone.
  if (isProvenFingerprint(observed, attempt.fingerprint)) return null;
  const { refusedCatalog, run } = observed;
  const exits = countedExits(observed, attempt);
  const { serving } = attempt;
  if (serving !== null) {
    const exit = exits.find(({ at, run: ended }) => ended === serving.run || at >= serving.at);
    return exit === undefined
      ? null
      : { kind: 'exit', reason: `served, then ended within the stable time: ${exit.detail}` };
  }
  if (refusedCatalog !== null && refusedCatalog.run !== attempt.replaces) {
    const isOfAttempt =
      refusedCatalog.run === run.id || exits.some((exit) => exit.run === refusedCatalog.run);
    if (isOfAttempt) {
      const place = refusedCatalog.place === null ? '' : ` (${refusedCatalog.place})`;
      return {
        kind: 'catalog',
        reason: `the engine refuses catalog ${refusedCatalog.catalog}${place}: ${refusedCatalog.message}`,
      };
    }
  }
  const last = exits.at(-1);
  if (exits.length < 2 || last === undefined) return null;
  const memory = isOutOfMemory(last) ? ' (out of memory)' : '';
  const { startFailure } = observed;
  const words = startFailure === null ? '' : `: ${startFailure.message}; ${startFailure.remedy}`;
  return { kind: 'exit', reason: `ended twice before it was serving: ${last.detail}${memory}${words}` };
}

function awaitServing(observed: Observed, attempt: Attempt, now: number): Step {
  const { run, probe, limits, started, bootId } = observed;
  const isOurs = isRunOfAttempt(attempt, run);
  const look = isOurs && probe?.run === run.id ? probe : null;
  if (run.state === 'running' && run.id !== null && look?.state === 'serving') {
    return act('the analytics process is serving', {
      kind: 'serve',
      run: run.id,
      digest: started?.digest ?? attempt.digest,
      at: now,
      stableUntil: now + limits.stableMs,
      bootId,
    });
  }
  if (now < attempt.proveBy) {
    return wait(`waiting until it is serving${look === null ? '' : `: ${look.message}`}`, attempt.proveBy);
  }
  // Nothing has run since the machine came up: that it was off condemns no release.
  if (isDown(run) && run.lastExit === null) {
    return act('the attempt ended with the machine', { kind: 'close-attempt', why: 'the machine was off' });
  }
  // The deadline passed; perhaps the agent was away: one look after it still counts.
  const isLookDue = isOurs && run.state === 'running' && (look === null || look.at < attempt.proveBy);
  if (isLookDue) return wait('one last look at the analytics process', now + 1_000);
  if (look !== null && look.missingCatalogs.length > 0) {
    return fail(
      observed,
      attempt,
      'catalog',
      `the engine does not list ${look.missingCatalogs.join(', ')}`,
      now,
    );
  }
  const seen = look === null ? 'it is not running' : look.message;
  return fail(observed, attempt, 'timeout', `not serving in time: ${seen}`, now);
}

/**
 * Its supervisor started it anew, from what was published meanwhile: that run says nothing about this release, also
 * when it has ended already.
 */
function isOvertaken({ run, started }: Observed, attempt: Attempt): boolean {
  if (started === null || started.fingerprint === attempt.fingerprint) return false;
  if (run.id !== null) return isRunOfAttempt(attempt, run);
  const { lastExit } = run;
  return lastExit !== null && lastExit.run !== attempt.replaces && lastExit.at > attempt.openedAt;
}

/** Its supervisor began it while another release is waited for: no attempt is its own, and the next start is no first. */
const noteFirstServing: Section = (observed, now) => {
  const { memory, run, started, limits, bootId } = observed;
  if (memory.servedBoot === bootId || run.id === null || started === null || !isServing(observed))
    return null;
  return act('the analytics process is serving', {
    kind: 'serve',
    run: run.id,
    digest: started.digest,
    at: now,
    stableUntil: now + limits.stableMs,
    bootId,
  });
};

export const followAttempt: Section = (observed, now) => {
  const { memory, run, limits } = observed;
  const { attempt } = memory;
  if (attempt === null) return noteFirstServing(observed, now);
  if (run.state === 'unknown') return wait('the supervisor cannot be asked', null);
  if (isOvertaken(observed, attempt)) {
    return act('the attempt is overtaken by a newer release', { kind: 'close-attempt', why: 'overtaken' });
  }
  const failure = failureOf(observed, attempt);
  if (failure !== null) return fail(observed, attempt, failure.kind, failure.reason, now);
  const { serving, stableUntil } = attempt;
  if (serving === null || stableUntil === null) return awaitServing(observed, attempt, now);

  if (run.id !== serving.run || isDown(run)) {
    return act('the run that served is gone; the next one is waited for', {
      kind: 'follow',
      proveBy: now + limits.proveMs,
    });
  }
  if (run.state !== 'running' || now < stableUntil) {
    return wait('serving; it must stay up for the stable time', stableUntil);
  }
  const release = observed.store.find(({ digest }) => digest === attempt.digest);
  if (release === undefined)
    return act('the release of the attempt is gone', { kind: 'close-attempt', why: 'release gone' });
  return act(`release ${short(release.digest)} is proven`, { kind: 'prove', release, at: now });
};
