/** The answer to a request: what the contract promises to whoever asked. */
import type { Action } from './actions.ts';
import { printInstant } from './instant.ts';
import type { AcceptedRequest, Memory, RestartReport } from './memory.ts';
import type { OpenRequest } from './observed.ts';
import type { RequestKind } from './request-document.ts';
import type { Run } from './run.ts';
import type { Digest } from './types.ts';

export type Outcome = Extract<Action, { kind: 'answer' }>['outcome'];

/** Times are ISO 8601 UTC; what does not apply, or is not known, is null. */
export interface Answer {
  readonly id: string;
  /** null when the request could not be read. */
  readonly kind: RequestKind | null;
  readonly outcome: Outcome;
  readonly by: string;
  /** Why it failed or was refused; when done, the reason that was given with the request. */
  readonly reason: string;
  /** One sentence: what came of it. */
  readonly message: string;
  readonly requestedAt: string | null;
  readonly answeredAt: string;
  /** The run that serves a restart request. */
  readonly startedAt: string | null;
  readonly servingAt: string | null;
  readonly drainMs: number;
  readonly stopMs: number | null;
  readonly startMs: number | null;
  readonly queriesKilled: number;
  readonly pidBefore: number | null;
  readonly pidAfter: number | null;
  /** The release that the run was started with; for other kinds the desired one. */
  readonly digest: Digest | null;
}

/** The report and the run may have their times from two clocks of the kernel. */
const SAME_START_MS = 1_000;

/** The job that made the run: only then do its times belong to the answer. */
function reportOf(memory: Memory, runStartedAt: number): RestartReport | null {
  const { lastRestart } = memory;
  if (lastRestart === null || lastRestart.stopMs === null) return null;
  const gapMs = lastRestart.at + lastRestart.stopMs - runStartedAt;
  return Math.abs(gapMs) <= SAME_START_MS ? lastRestart : null;
}

type Times = Pick<
  Answer,
  | 'startedAt'
  | 'servingAt'
  | 'drainMs'
  | 'stopMs'
  | 'startMs'
  | 'queriesKilled'
  | 'pidBefore'
  | 'pidAfter'
  | 'digest'
>;

const NOTHING_RAN: Times = {
  startedAt: null,
  servingAt: null,
  drainMs: 0,
  stopMs: null,
  startMs: null,
  queriesKilled: 0,
  pidBefore: null,
  pidAfter: null,
  digest: null,
};

function timesOf(options: {
  readonly request: AcceptedRequest;
  readonly memory: Memory;
  readonly run: Run;
  readonly started: Digest | null;
  readonly at: number;
}): Times {
  const { request, memory, run, started, at } = options;
  const before = { ...NOTHING_RAN, pidBefore: request.pidBefore };
  const isThere = request.servedBy !== null && run.id !== null && memory.run?.id === run.id;
  const startedAt = isThere ? (memory.run?.startedAt ?? null) : null;
  if (startedAt === null) return before;
  const report = reportOf(memory, startedAt);
  const serving = memory.attempt?.serving ?? null;
  const reportedAt = report?.startMs === null || report === null ? null : startedAt + report.startMs;
  const seenAt = serving?.run === run.id ? serving.at : null;
  const isServing = run.state === 'running';
  const servingAt = reportedAt ?? seenAt ?? (isServing ? at : null);
  return {
    startedAt: printInstant(startedAt),
    servingAt: servingAt === null ? null : printInstant(servingAt),
    drainMs: report?.drainMs ?? 0,
    stopMs: report?.stopMs ?? null,
    startMs: servingAt === null ? null : Math.max(0, servingAt - startedAt),
    queriesKilled: report?.queriesKilled.length ?? 0,
    pidBefore: request.pidBefore,
    pidAfter: run.pid,
    digest: started,
  };
}

/** The answer that an action gives. `memory` is that of before the action: it still knows the request. */
export function buildAnswer(options: {
  readonly action: Extract<Action, { kind: 'answer' }>;
  readonly memory: Memory;
  /** What lies in the spool under the id; null when it is gone. */
  readonly open: OpenRequest | null;
  readonly run: Run;
  /** The release of the started copy. */
  readonly started: Digest | null;
}): Answer {
  const { action, memory, open, run, started } = options;
  const { id, outcome, at } = action;
  const accepted = memory.requests.find((request) => request.id === id) ?? null;
  const asked = accepted ?? open;
  const isRestart = accepted?.kind === 'restart';
  const times = isRestart
    ? timesOf({ request: accepted, memory, run, started, at })
    : { ...NOTHING_RAN, digest: asked?.kind === 'restart' ? started : (memory.desired?.digest ?? null) };
  const given = asked?.reason ?? '';
  return {
    id,
    kind: asked?.kind ?? null,
    outcome,
    by: asked?.by ?? 'unknown',
    reason: outcome === 'done' && given !== '' ? given : action.reason,
    message: action.reason,
    requestedAt: asked === null ? null : printInstant(asked.requestedAt),
    answeredAt: printInstant(at),
    ...times,
  };
}

/** The answer to what lies in the spool under an id and is no request. */
export function refuseMalformed(
  malformed: { readonly id: string; readonly by: string; readonly why: string; readonly requestedAt: number },
  at: number,
): Answer {
  const { id, by, why, requestedAt } = malformed;
  return {
    id,
    kind: null,
    outcome: 'refused',
    by,
    reason: why,
    message: why,
    requestedAt: printInstant(requestedAt),
    answeredAt: printInstant(at),
    ...NOTHING_RAN,
  };
}
