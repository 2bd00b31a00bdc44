import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOfStep, judgeInvocation } from '../../../agent/core/remote-command.ts';

const shown = (fields: Partial<Parameters<typeof judgeInvocation>[0]>) =>
  judgeInvocation({ status: 'Success', exitCode: 0, stdout: '', stderr: '', ...fields });
const ANSWER = { id: 'ssm-1', kind: 'restart', outcome: 'done', answeredAt: '2026-01-01T12:00:00.000Z' };

describe('a command of Systems Manager', () => {
  it.each([
    ['', { kind: 'running', isDelivered: false }],
    ['Pending', { kind: 'running', isDelivered: false }],
    ['Delayed', { kind: 'running', isDelivered: false }],
    ['InProgress', { kind: 'running', isDelivered: true }],
    ['DeliveryTimedOut', { kind: 'failed', failure: 'undelivered' }],
    ['Undeliverable', { kind: 'failed', failure: 'undelivered' }],
    ['Terminated', { kind: 'failed', failure: 'undelivered' }],
    ['ExecutionTimedOut', { kind: 'failed', failure: 'timed-out' }],
    ['AccessDenied', { kind: 'failed', failure: 'denied' }],
    ['Cancelled', { kind: 'failed', failure: 'cancelled' }],
  ])('that is %s', (status, outcome) => expect(shown({ status })).toMatchObject(outcome));

  it('is answered by the line of JSON in its output, whatever its status', () => {
    const stdout = `${JSON.stringify({ ...ANSWER, later: 'field' })}\n`;
    expect(shown({ status: 'Failed', exitCode: 69, stdout })).toEqual({
      kind: 'answered',
      answer: expect.objectContaining({ id: 'ssm-1', outcome: 'done', by: 'unknown', pidAfter: null }),
    });
  });

  it('can end before the answer', () => {
    const stdout = '{"id":"ssm-1","kind":"restart","outcome":"pending"}\n';
    expect(shown({ status: 'Failed', exitCode: 75, stdout })).toEqual({ kind: 'pending' });
  });

  it('says why it could not ask, in its last line', () => {
    const stderr =
      'gatewayctl: may not use /x. Run this as root.   [77]\nfailed to run commands: exit status 77\n';
    expect(shown({ status: 'Failed', exitCode: 77, stderr })).toEqual({
      kind: 'failed',
      failure: 'refused',
      detail: 'gatewayctl: may not use /x. Run this as root.   [77]',
    });
  });

  it('that says nothing has an exit code to show', () => {
    expect(shown({ status: 'Failed', exitCode: 3 })).toMatchObject({
      detail: 'no answer in its output (exit code 3)',
    });
  });

  it('never makes an answer of an output that is none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (stdout) => {
        expect(['failed', 'pending']).toContain(shown({ status: 'Failed', stdout }).kind);
      }),
    );
  });
});

it.each([
  [65, 65],
  [75, 75],
  [77, 77],
  [1, 69],
  [-1, 69],
])('the exit code %d of its step is %d here', (exitCode, known) =>
  expect(exitCodeOfStep(exitCode)).toBe(known),
);
