import { acknowledgementsOf } from './acknowledged.ts';
import type { Action, ActionKind } from './actions.ts';
import { shiftMemory } from './clock-shift.ts';
import { DIGEST_EXIT_GAP_MS } from './limits.ts';
import type { AcceptedRequest, Memory, RestartReport } from './memory.ts';
import { isOutOfMemory } from './plan/facts.ts';
import type { Exit } from './run.ts';

const EXITS_KEPT = 20;

type Reducers = {
  readonly [Kind in ActionKind]: (memory: Memory, action: Extract<Action, { kind: Kind }>) => Memory;
};

const same = (memory: Memory): Memory => memory;

function countExit(memory: Memory, exit: Exit): Memory {
  const exits = [...memory.exits, exit].slice(-EXITS_KEPT);
  const { watch } = memory;
  const next = { ...memory, exits, countedExit: exit.run };
  // An exit for lack of memory says nothing about metaschemas.
  if (watch === null || isOutOfMemory(exit)) return next;
  const last = watch.exitsAt.at(-1);
  const isChain = last !== undefined && exit.at - last < DIGEST_EXIT_GAP_MS;
  const exitsAt = isChain ? [...watch.exitsAt, exit.at] : [exit.at];
  return { ...next, watch: { ...watch, since: Math.max(watch.since, exit.at), exitsAt } };
}

/** A run that began after a request was accepted serves it, unless it comes of a job that was on its way before. */
function serveBy(request: AcceptedRequest, run: NonNullable<Memory['run']>): AcceptedRequest {
  if (request.servedBy !== null || request.after === run.id) return request;
  if (request.isJobAhead) return { ...request, after: run.id, isJobAhead: false };
  return { ...request, servedBy: run.id };
}

/** Killed before it was noted that a job went out: the run that came of it tells, and spacing counts from it. */
function jobOf({ job, attempt }: Memory, run: NonNullable<Memory['run']>): Memory['job'] {
  if (attempt === null || attempt.cause === 'found' || run.id === attempt.replaces) return job;
  // A job of the same instant may be that of the attempt before.
  if (job !== null && job.replaces === attempt.replaces && job.sentAt >= attempt.openedAt) return job;
  const { cause, replaces, openedAt: sentAt } = attempt;
  return { kind: replaces === null ? 'start' : 'restart', cause, sentAt, replaces };
}

/** Killed likewise in a start of a sick machine: it is stopped no more, and its next exit counts. */
function sickOf({ sick }: Memory, run: NonNullable<Memory['run']>): Memory['sick'] {
  return sick?.isStopped === true && run.startedAt >= sick.startAt ? { ...sick, isStopped: false } : sick;
}

const reportJob = (
  memory: Memory,
  action: Extract<Action, { kind: 'start' | 'restart' }>,
): RestartReport | null => {
  if (action.cause === 'first-start' || action.cause === 'boot') return memory.lastRestart;
  return {
    id: action.requestId,
    reason: action.cause,
    outcome: 'pending',
    at: action.at,
    drainMs: memory.drain === null ? 0 : Math.max(0, action.at - memory.drain.beganAt),
    stopMs: null,
    startMs: null,
    queriesKilled: action.queriesKilled,
  };
};

function sendJob(memory: Memory, action: Extract<Action, { kind: 'start' | 'restart' }>): Memory {
  const { kind, cause, at, replaces } = action;
  const isRepeat =
    memory.job !== null && memory.job.replaces === replaces && memory.lastRestart?.outcome === 'pending';
  return {
    ...memory,
    job: { kind, cause, sentAt: at, replaces },
    lastRestart: isRepeat ? memory.lastRestart : reportJob(memory, action),
    drain: null,
    sick: memory.sick === null ? null : { ...memory.sick, isStopped: false },
  };
}

const fail = (report: RestartReport | null, why: string): RestartReport | null => {
  const failed = finish(report, 'failed', null, null);
  return failed === report || failed === null ? report : { ...failed, reason: `${failed.reason}: ${why}` };
};

const finish = (
  report: RestartReport | null,
  outcome: 'done' | 'failed',
  servingAt: number | null,
  runStartedAt: number | null,
) => {
  if (report === null || report.outcome !== 'pending') return report;
  return {
    ...report,
    outcome,
    stopMs: runStartedAt === null ? null : Math.max(0, runStartedAt - report.at),
    startMs: runStartedAt === null || servingAt === null ? null : Math.max(0, servingAt - runStartedAt),
  };
};

const failRequests = (requests: readonly AcceptedRequest[], why: string) =>
  requests.map((request) =>
    request.servedBy === null ? request : { ...request, failure: request.failure ?? why },
  );

/** What each action leaves in the memory. A new kind does not compile until it has a row. */
const REDUCERS: Reducers = {
  'move-group': (memory, { group }) => ({
    ...memory,
    group,
    acknowledgements: acknowledgementsOf(memory, group.name),
  }),
  refuse: (memory, { refusal }) => ({ ...memory, refused: refusal, exposure: null }),
  store: same,
  acknowledge: (memory, { acknowledgements }) => ({ ...memory, acknowledgements }),
  keep: (memory, { group, kept }) => {
    const { [group]: _, ...others } = memory.kept;
    return { ...memory, kept: kept === null ? others : { ...others, [group]: kept } };
  },
  hold: (memory, { exposure }) => ({ ...memory, exposure, refused: null }),
  adopt: (memory, { release }) => ({ ...memory, desired: release, refused: null, exposure: null }),
  publish: same,
  'count-exit': (memory, { exit }) => countExit(memory, exit),
  'see-run': (memory, { run }) => ({
    ...memory,
    run,
    job: jobOf(memory, run),
    sick: sickOf(memory, run),
    restarts: memory.run === null ? memory.restarts : memory.restarts + 1,
    drain: null,
    requests: memory.requests.map((request) => serveBy(request, run)),
  }),
  drain: (memory, { drain }) => ({ ...memory, drain }),
  'open-attempt': (memory, { attempt }) => ({ ...memory, attempt, watch: null }),
  start: sendJob,
  restart: sendJob,
  stop: (memory) => ({ ...memory, attempt: null, drain: null }),
  serve: (memory, { run, digest, at, stableUntil, bootId }) => ({
    ...memory,
    servedBoot: bootId,
    attempt:
      memory.attempt === null ? null : { ...memory.attempt, digest, serving: { run, at }, stableUntil },
    lastRestart: finish(memory.lastRestart, 'done', at, memory.run?.id === run ? memory.run.startedAt : null),
  }),
  follow: (memory, { proveBy }) => ({
    ...memory,
    attempt:
      memory.attempt === null ? null : { ...memory.attempt, serving: null, stableUntil: null, proveBy },
  }),
  'close-attempt': (memory) => ({ ...memory, attempt: null }),
  watch: (memory, { watch }) => ({ ...memory, watch }),
  prove: (memory, { release }) => ({
    ...memory,
    proven: release,
    inherited: null,
    baselines: { ...memory.baselines, [release.group]: release.digest },
    attempt: null,
    watch: null,
    quarantined: memory.quarantined.filter(({ fingerprint }) => fingerprint !== release.fingerprint),
  }),
  quarantine: (memory, { quarantine }) => ({
    ...memory,
    quarantined: [
      ...memory.quarantined.filter(({ fingerprint, digest }) =>
        quarantine.fingerprint === null
          ? digest !== quarantine.digest
          : fingerprint !== quarantine.fingerprint,
      ),
      quarantine,
    ],
    attempt: null,
    watch: null,
    // They are this quarantine's reason; they must not count against the configuration that comes back.
    exits: [],
    lastRestart: fail(memory.lastRestart, quarantine.reason),
    requests: failRequests(memory.requests, quarantine.reason),
  }),
  retry: (memory, { digest }) => ({
    ...memory,
    quarantined: memory.quarantined.map((entry) =>
      entry.digest === digest ? { ...entry, isRetrying: true, retryAt: null } : entry,
    ),
  }),
  'forget-quarantine': (memory, { digests }) => ({
    ...memory,
    quarantined: memory.quarantined.filter(({ digest }) => !digests.includes(digest)),
  }),
  'back-off': (memory, { sick, why }) => ({
    ...memory,
    sick,
    attempt: null,
    lastRestart: fail(memory.lastRestart, why),
    requests: failRequests(memory.requests, why),
  }),
  recover: (memory) => ({ ...memory, sick: null, exits: [] }),
  'shift-clock': (memory, { byMs }) => shiftMemory(memory, byMs),
  pause: (memory, { pause }) => ({ ...memory, paused: pause }),
  'lift-quarantine': (memory) => ({ ...memory, quarantined: [], sick: null, exits: [] }),
  'end-pause': (memory) => ({ ...memory, paused: null }),
  'accept-request': (memory, { request }) => ({ ...memory, requests: [...memory.requests, request] }),
  answer: (memory, { id }) => ({
    ...memory,
    requests: memory.requests.filter((request) => request.id !== id),
  }),
};

/** The memory after an action. Pure. */
export function remember(memory: Memory, action: Action): Memory {
  // The table is complete by its type; the compiler cannot follow that the key fits the action.
  const reduce = REDUCERS[action.kind] as (memory: Memory, action: Action) => Memory;
  return reduce(memory, action);
}
