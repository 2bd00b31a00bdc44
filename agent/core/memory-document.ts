import {
  branded,
  count,
  type Decoder,
  finite,
  flag,
  hexDigest,
  listOf,
  nullable,
  oneOf,
  recordOf,
  shape,
  text,
  withDefault,
} from './decode.ts';
import type { Widened } from './gate/exposure.ts';
import type { Issue } from './issue.ts';
import {
  type AcceptedRequest,
  type Acknowledgement,
  type Attempt,
  type Drain,
  EMPTY_MEMORY,
  type ExposureHold,
  type Job,
  type Kept,
  type Memory,
  type Pause,
  type Quarantine,
  type Refusal,
  type RestartReport,
  type Sick,
  type StartCause,
  type Watch,
} from './memory.ts';
import { releaseFacts } from './release-document.ts';
import type { Exit, RunningQuery } from './run.ts';
import type { Digest, Fingerprint, HoldKind, RunId, SnapshotId } from './types.ts';

/** How the memory is read back from disk, each field on its own: the state file can be damaged, old or hostile. */

const runId = branded<RunId>();
const snapshotId = branded<SnapshotId>();
const digest = hexDigest<Digest>();
const holdKind: Decoder<HoldKind> = oneOf('deletion', 'exposure');

const issue = shape<Issue>({
  code: text,
  severity: oneOf('error', 'warning'),
  path: text,
  line: count,
  column: count,
  message: text,
  hint: text,
});

const query = shape<RunningQuery>({ id: text, user: text });

const exit = shape<Exit>({
  run: runId,
  at: finite,
  kind: oneOf('clean', 'crash', 'jvm-oom', 'kernel-oom', 'killed'),
  detail: text,
  isExpected: flag,
});

const kept = shape<Kept>({ paths: listOf(text), from: digest, snapshot: snapshotId, at: finite });

export const exposureHold = shape<ExposureHold>({
  snapshot: snapshotId,
  paths: listOf(shape<Widened>({ path: text, reason: text })),
  at: finite,
});

export const acknowledgement = shape<Acknowledgement>({
  kind: holdKind,
  snapshot: snapshotId,
  paths: listOf(
    shape<{ readonly path: string; readonly reason: string | null }>({ path: text, reason: nullable(text) }),
  ),
  at: finite,
  by: text,
});

const refusal = shape<Refusal>({
  snapshot: snapshotId,
  reason: text,
  issues: listOf(issue),
  at: finite,
  by: text,
});

const quarantine = shape<Quarantine>({
  fingerprint: nullable(branded<Fingerprint>()),
  digest,
  kind: oneOf('catalog', 'exit', 'timeout'),
  reason: text,
  log: listOf(text),
  at: finite,
  retryAt: nullable(finite),
  tries: count,
  isRetrying: flag,
});

const cause: Decoder<StartCause> = oneOf(
  'first-start',
  'boot',
  'stopped',
  'catalog',
  'request',
  'rollback',
  'retry',
  'found',
);

const attempt = shape<Attempt>({
  digest,
  fingerprint: branded<Fingerprint>(),
  cause,
  replaces: nullable(runId),
  openedAt: finite,
  proveBy: finite,
  serving: nullable(shape<{ readonly run: RunId; readonly at: number }>({ run: runId, at: finite })),
  stableUntil: nullable(finite),
});

const watch = shape<Watch>({ digest, since: finite, exitsAt: listOf(finite) });

const drain = shape<Drain>({ run: runId, beganAt: finite, until: finite, queries: nullable(listOf(query)) });

const job = shape<Job>({
  kind: oneOf('start', 'restart'),
  cause,
  sentAt: finite,
  replaces: nullable(runId),
});

const sick = shape<Sick>({
  since: finite,
  step: count,
  startAt: finite,
  isStopped: flag,
  fingerprint: withDefault(nullable(hexDigest<Fingerprint>()), null),
});

const pause = shape<Pause>({ at: finite, by: text, reason: text, until: nullable(finite) });

const request = shape<AcceptedRequest>({
  kind: oneOf('restart', 'poll'),
  id: text,
  by: text,
  reason: text,
  requestedAt: finite,
  acceptedAt: finite,
  isNow: flag,
  after: nullable(runId),
  isJobAhead: flag,
  pidBefore: nullable(count),
  servedBy: nullable(runId),
  failure: nullable(text),
});

const report = shape<RestartReport>({
  id: nullable(text),
  reason: text,
  outcome: oneOf('pending', 'done', 'failed'),
  at: finite,
  drainMs: finite,
  stopMs: nullable(finite),
  startMs: nullable(finite),
  queriesKilled: listOf(query),
});

/** A field of the first level may be missing: an earlier build did not know it. */
function known<K extends keyof Memory>(name: K, decoder: Decoder<Memory[K]>): Decoder<Memory[K]> {
  return withDefault(decoder, EMPTY_MEMORY[name]);
}

export const memoryDocument: Decoder<Memory> = shape<Memory>({
  version: oneOf(1),
  group: known('group', nullable(shape({ name: text, markAt: finite }))),
  desired: known('desired', nullable(releaseFacts)),
  proven: known('proven', nullable(releaseFacts)),
  inherited: known('inherited', nullable(releaseFacts)),
  baselines: known('baselines', recordOf(digest)),
  kept: known('kept', recordOf(kept)),
  exposure: known('exposure', nullable(exposureHold)),
  acknowledgements: known('acknowledgements', listOf(acknowledgement)),
  refused: known('refused', nullable(refusal)),
  quarantined: known('quarantined', listOf(quarantine)),
  attempt: known('attempt', nullable(attempt)),
  watch: known('watch', nullable(watch)),
  drain: known('drain', nullable(drain)),
  job: known('job', nullable(job)),
  run: known('run', nullable(shape({ id: runId, startedAt: finite }))),
  countedExit: known('countedExit', nullable(runId)),
  exits: known('exits', listOf(exit)),
  sick: known('sick', nullable(sick)),
  paused: known('paused', nullable(pause)),
  requests: known('requests', listOf(request)),
  servedBoot: known('servedBoot', nullable(text)),
  restarts: known('restarts', count),
  lastRestart: known('lastRestart', nullable(report)),
});
