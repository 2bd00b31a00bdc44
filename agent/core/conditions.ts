/** Conditions in Kubernetes' shape: what a person or a machine may want to be told, with the reason. Pure. */

import type { ConditionDraft, ConditionType } from './condition-types.ts';
import { effectCondition } from './effect/condition.ts';
import type { Effect } from './effect/effect.ts';
import type { StartFailure } from './engine/start-failure.ts';
import { printInstant } from './instant.ts';
import type { Issue } from './issue.ts';
import type { Observed } from './observed.ts';
import {
  chooseRunnable,
  chooseTarget,
  isDown,
  isFallingBack,
  isPaused,
  isServing,
  short,
} from './plan/facts.ts';
import type { Condition } from './status.ts';
import type { Trouble } from './trouble.ts';

/** What the planner does not see but a person should: about the source, and about this life of the agent. */
export interface Notes {
  readonly sourceError: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly hasSourceAnswered: boolean;
  readonly pending: { readonly by: string; readonly at: number; readonly isInterrupted: boolean } | null;
  readonly isSettling: boolean;
  /** The newest step that could not be done; null once one was done again. */
  readonly stepError: { readonly code: string; readonly message: string; readonly hint: string } | null;
  /** Live files put right in the last quarter of an hour. */
  readonly drift: { readonly at: number; readonly paths: readonly string[] } | null;
  /** A move to another group in the last hour. */
  readonly moved: { readonly from: string; readonly to: string } | null;
  /** Where an unreadable state file was put. */
  readonly stateSetAside: string | null;
  /** What does not work beside the configuration. */
  readonly troubles?: readonly Trouble[];
  readonly memoryMessage: string;
  /** Whether the tables of the metaschemas appeared; null where nothing is looked for. */
  readonly effect: Effect | null;
}

const draft = (
  type: ConditionType,
  status: Condition['status'],
  reason: string,
  message: string,
): ConditionDraft => ({
  type,
  status,
  reason,
  message,
});

const camel = (code: string): string =>
  code
    .toLowerCase()
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

const place = ({ path, line, column }: Issue): string => (line === 0 ? path : `${path}:${line}:${column}`);

function sourceReachable({ sourceError, hasSourceAnswered }: Notes): ConditionDraft {
  if (sourceError !== null) {
    return draft(
      'SourceReachable',
      'False',
      camel(sourceError.code),
      `${sourceError.message}. ${sourceError.hint}`,
    );
  }
  return hasSourceAnswered
    ? draft('SourceReachable', 'True', 'Reachable', 'the source answers')
    : draft('SourceReachable', 'Unknown', 'NoAnswerYet', 'the source has not answered yet');
}

function valid({ memory, candidate }: Observed): ConditionDraft {
  const { refused } = memory;
  if (refused !== null) {
    const first = refused.issues.find(({ severity }) => severity === 'error');
    const where = first === undefined ? '' : `: ${place(first)} ${first.message}`;
    return draft(
      'Valid',
      'False',
      'Refused',
      `snapshot ${short(refused.snapshot)} has ${refused.reason}${where}`,
    );
  }
  if (candidate === null) return draft('Valid', 'Unknown', 'NoSnapshotYet', 'no complete snapshot yet');
  const warnings = candidate.issues.length;
  const message = warnings === 0 ? 'the newest snapshot passed the gate' : `passed with ${warnings} warnings`;
  return draft('Valid', 'True', 'Passed', message);
}

function published(observed: Observed, now: number): ConditionDraft {
  const target = chooseTarget(observed);
  const { intent, drift } = observed;
  if (target === null) return draft('Published', 'False', 'NoConfiguration', 'there is nothing to publish');
  if (intent?.release.digest !== target.digest) {
    return isPaused(observed, now)
      ? draft(
          'Published',
          'False',
          'Paused',
          `release ${short(target.digest)} waits for the end of the pause`,
        )
      : draft('Published', 'False', 'Waiting', `release ${short(target.digest)} is not live yet`);
  }
  if (intent.phase === 'publishing')
    return draft('Published', 'False', 'Publishing', 'files are being replaced');
  return drift.length === 0
    ? draft('Published', 'True', 'Published', `release ${short(target.digest)} is live`)
    : draft('Published', 'False', 'Drift', `changed by hand: ${drift.join(', ')}`);
}

const describeFailure = ({ message, remedy }: StartFailure): string => `${message}; ${remedy}`;

function healthy(observed: Observed): ConditionDraft {
  const { memory, run, probe, startFailure } = observed;
  if (memory.sick !== null) {
    const when = memory.sick.isStopped ? `next start at ${printInstant(memory.sick.startAt)}` : 'watched';
    return startFailure === null
      ? draft('Healthy', 'False', 'HostSick', `what was proven fails; ${when}`)
      : draft('Healthy', 'False', startFailure.reason, `${describeFailure(startFailure)}; ${when}`);
  }
  if (isServing(observed)) return draft('Healthy', 'True', 'Serving', 'the analytics process is serving');
  if (startFailure !== null) {
    return draft('Healthy', 'False', startFailure.reason, describeFailure(startFailure));
  }
  if (!observed.isMemorySufficient)
    return draft('Healthy', 'False', 'TooLittleMemory', 'not started for lack of memory');
  if (chooseRunnable(observed) === null) {
    return draft(
      'Healthy',
      'False',
      'NoConfiguration',
      'no acceptable configuration to run; client access works',
    );
  }
  if (isDown(run)) return draft('Healthy', 'False', 'Stopped', 'the analytics process is not running');
  return draft('Healthy', 'False', 'NotServing', probe?.message ?? `the analytics process is ${run.state}`);
}

function proven(observed: Observed): ConditionDraft {
  const { memory } = observed;
  const { desired } = memory;
  if (desired === null) return draft('Proven', 'False', 'NoConfiguration', 'there is no desired release');
  if (desired.catalogs.length === 0) {
    return draft('Proven', 'False', 'NoConfiguration', 'the desired release has no catalog to prove');
  }
  if (memory.proven?.digest === desired.digest) {
    return draft('Proven', 'True', 'Proven', `release ${short(desired.digest)} is proven`);
  }
  if (isFallingBack(observed)) {
    const entry = memory.quarantined.find(({ isRetrying }) => !isRetrying);
    return draft(
      'Proven',
      'False',
      'RolledBack',
      `release ${short(desired.digest)} failed: ${entry?.reason ?? ''}`,
    );
  }
  return draft('Proven', 'False', 'NotYet', `release ${short(desired.digest)} is not proven yet`);
}

/** Conditions that are there only when they have something to say. */
function extras(observed: Observed, notes: Notes, now: number): readonly ConditionDraft[] {
  const { memory, probe } = observed;
  const said: ConditionDraft[] = [];
  const say = (type: ConditionType, reason: string, message: string) =>
    said.push(draft(type, 'True', reason, message));
  const kept = Object.values(memory.kept).flatMap(({ paths }) => paths);
  if (kept.length > 0) say('DeletionHeld', 'DirectoryGone', `kept until a person agrees: ${kept.join(', ')}`);
  if (memory.exposure !== null) {
    const [first] = memory.exposure.paths;
    say('ExposureHeld', 'ShowsMore', `${first?.path ?? ''} ${first?.reason ?? ''}; allow it or take it back`);
  }
  for (const { digest, reason } of memory.quarantined) {
    say('Quarantined', 'FailedToProve', `release ${short(digest)}: ${reason}`);
  }
  if (memory.paused !== null && isPaused(observed, now)) {
    const { by, until } = memory.paused;
    say('Paused', 'Asked', `by ${by}${until === null ? '' : ` until ${printInstant(until)}`}`);
  }
  if (notes.pending !== null) {
    const { by, at, isInterrupted } = notes.pending;
    const message = `a sync by ${by} began at ${printInstant(at)}`;
    if (isInterrupted) say('SyncInterrupted', 'ManifestPending', `${message} and never ended; sync again`);
    else say('SyncPending', 'ManifestPending', `${message}; nothing of it is taken before its end`);
  }
  if (notes.moved !== null) say('GroupMoved', 'NewerSync', `from ${notes.moved.from} to ${notes.moved.to}`);
  if (notes.drift !== null) {
    say(
      'DriftRepaired',
      'ChangedByHand',
      `put right at ${printInstant(notes.drift.at)}: ${notes.drift.paths.join(', ')}`,
    );
  }
  const exit = memory.exits.at(-1);
  if (exit !== undefined && now - exit.at < 60 * 60_000) {
    say(
      'Ended',
      camel(exit.kind.replace('-', '_')),
      `the analytics process ended at ${printInstant(exit.at)}: ${exit.detail}`,
    );
  }
  if (probe?.backendError != null) say('BackendFailing', 'QueryFailed', probe.backendError);
  if (notes.stepError !== null) {
    say('StepFailed', camel(notes.stepError.code), `${notes.stepError.message}. ${notes.stepError.hint}`);
  }
  if (notes.stateSetAside !== null) {
    say('StateLost', 'SetAside', `the state could not be read and lies in ${notes.stateSetAside}`);
  }
  for (const { type, reason, message } of notes.troubles ?? []) say(type, reason, message);
  return said;
}

/** All conditions; one whose status did not change keeps its transition time. */
export function buildConditions(
  observed: Observed,
  notes: Notes,
  before: readonly Condition[],
  now: number,
): readonly Condition[] {
  const effect = effectCondition(notes.effect);
  const drafts: readonly ConditionDraft[] = [
    sourceReachable(notes),
    valid(observed),
    published(observed, now),
    healthy(observed),
    proven(observed),
    draft(
      'MemorySufficient',
      observed.isMemorySufficient ? 'True' : 'False',
      observed.isMemorySufficient ? 'Sufficient' : 'TooSmall',
      notes.memoryMessage,
    ),
    ...(effect === null ? [] : [effect]),
    ...extras(observed, notes, now),
  ];
  return drafts.map((one) => {
    const known = before.find(
      ({ type, status, reason }) => type === one.type && status === one.status && reason === one.reason,
    );
    return { ...one, lastTransitionTime: known?.lastTransitionTime ?? printInstant(now) };
  });
}
