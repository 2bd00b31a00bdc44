import { describe, expect, it } from 'vitest';
import type { Action } from '../../../agent/core/actions.ts';
import { buildAnswer, refuseMalformed } from '../../../agent/core/answer.ts';
import type { AcceptedRequest, RestartReport } from '../../../agent/core/memory.ts';
import { digest, memory, release, run, runId, SECOND, T0 } from '../../fakes/builders.ts';

const accepted = (overrides: Partial<AcceptedRequest> = {}): AcceptedRequest => ({
  kind: 'restart',
  id: 'one',
  by: 'maria',
  reason: 'new driver',
  requestedAt: T0,
  acceptedAt: T0 + SECOND,
  isNow: false,
  after: runId('run-1'),
  isJobAhead: false,
  pidBefore: 100,
  servedBy: runId('run-2'),
  failure: null,
  ...overrides,
});
const report: RestartReport = {
  id: 'one',
  reason: 'request',
  outcome: 'done',
  at: T0 + 4 * SECOND,
  drainMs: 2 * SECOND,
  stopMs: SECOND,
  startMs: 9 * SECOND,
  queriesKilled: [{ id: 'q', user: 'analyst' }],
};
const answerAction = (
  overrides: Partial<Extract<Action, { kind: 'answer' }>> = {},
): Extract<Action, { kind: 'answer' }> => ({
  kind: 'answer',
  id: 'one',
  outcome: 'done',
  reason: 'serving',
  at: T0 + 15 * SECOND,
  ...overrides,
});
const secondRun = run('run-2', { pid: 200, startedAt: T0 + 5 * SECOND });
const restarted = memory({
  requests: [accepted()],
  run: { id: runId('run-2'), startedAt: T0 + 5 * SECOND },
  lastRestart: report,
});

describe('the answer to a restart', () => {
  it('has the times of the job that made the run', () => {
    const answer = buildAnswer({
      action: answerAction(),
      memory: restarted,
      open: null,
      run: secondRun,
      started: digest('A1'),
    });
    expect(answer).toEqual({
      id: 'one',
      kind: 'restart',
      outcome: 'done',
      by: 'maria',
      reason: 'new driver',
      message: 'serving',
      requestedAt: '2026-01-01T00:00:00.000Z',
      answeredAt: '2026-01-01T00:00:15.000Z',
      startedAt: '2026-01-01T00:00:05.000Z',
      servingAt: '2026-01-01T00:00:14.000Z',
      drainMs: 2_000,
      stopMs: 1_000,
      startMs: 9_000,
      queriesKilled: 1,
      pidBefore: 100,
      pidAfter: 200,
      digest: 'A1',
    });
  });

  it('has no times of a job when the engine died by itself', () => {
    const died = { ...restarted, lastRestart: { ...report, at: T0 - 60 * SECOND } };
    const answer = buildAnswer({
      action: answerAction(),
      memory: died,
      open: null,
      run: secondRun,
      started: null,
    });
    expect(answer).toMatchObject({ drainMs: 0, stopMs: null, queriesKilled: 0, pidAfter: 200 });
    // Seen serving when it was answered, for want of anything earlier.
    expect(answer).toMatchObject({ servingAt: '2026-01-01T00:00:15.000Z', startMs: 10_000 });
  });

  it('names the moment of serving that the attempt has seen', () => {
    const attempt = {
      digest: digest('A1'),
      fingerprint: release('A1').fingerprint,
      cause: 'found' as const,
      replaces: null,
      openedAt: T0,
      proveBy: T0,
      serving: { run: runId('run-2'), at: T0 + 7 * SECOND },
      stableUntil: T0,
    };
    const answer = buildAnswer({
      action: answerAction(),
      memory: { ...restarted, lastRestart: null, attempt },
      open: null,
      run: secondRun,
      started: null,
    });
    expect(answer).toMatchObject({ servingAt: '2026-01-01T00:00:07.000Z', startMs: 2_000 });
  });

  it('tells why it failed, and of no run that never came', () => {
    const answer = buildAnswer({
      action: answerAction({ outcome: 'failed', reason: 'it does not come back' }),
      memory: { ...restarted, requests: [accepted({ servedBy: null })] },
      open: null,
      run: run(null),
      started: digest('A1'),
    });
    expect(answer).toMatchObject({
      outcome: 'failed',
      reason: 'it does not come back',
      startedAt: null,
      servingAt: null,
      pidBefore: 100,
      pidAfter: null,
      digest: null,
    });
  });
});

it('what is answered at once has the name and reason of the request in the spool', () => {
  const open = {
    kind: 'pause',
    id: 'one',
    by: 'maria',
    reason: 'audit',
    requestedAt: T0,
    forMs: null,
  } as const;
  const answer = buildAnswer({
    action: answerAction({ reason: 'paused' }),
    memory: memory({ desired: release('A1') }),
    open,
    run: run('run-1'),
    started: null,
  });
  expect(answer).toMatchObject({
    kind: 'pause',
    by: 'maria',
    reason: 'audit',
    message: 'paused',
    digest: 'A1',
  });
});

it('without a reason given, the outcome is the reason', () => {
  const open = { kind: 'resume', id: 'one', by: 'maria', reason: '', requestedAt: T0 } as const;
  const answer = buildAnswer({
    action: answerAction({ reason: 'resumed' }),
    memory: memory(),
    open,
    run: run(null),
    started: null,
  });
  expect(answer.reason).toBe('resumed');
});

it('what is no request is refused under its id', () => {
  const malformed = { id: 'bad', by: 'user 1001', why: 'the request is a link', requestedAt: T0 };
  expect(refuseMalformed(malformed, T0 + SECOND)).toMatchObject({
    id: 'bad',
    kind: null,
    outcome: 'refused',
    by: 'user 1001',
    reason: 'the request is a link',
    answeredAt: '2026-01-01T00:00:01.000Z',
  });
});
