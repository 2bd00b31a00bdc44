import { afterEach, describe, expect, it } from 'vitest';
import { createOutbox } from '../../../agent/app/outbox.ts';
import { AgentError } from '../../../agent/core/errors.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';
import { createFakeLog } from '../../fakes/fake-log.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const TIMES = {
  gapMs: 10 * SECOND,
  heartbeatMs: 15 * MINUTE,
  retryBaseMs: 30 * SECOND,
  retryCapMs: 10 * MINUTE,
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function start() {
  const clock = createFakeClock();
  const log = createFakeLog();
  const sent: { at: number; value: string }[] = [];
  const startedAt = clock.now();
  let failure: AgentError | null = null;
  let isHanging = false;
  const outbox = createOutbox<string>({
    type: 'MetricsUnsent',
    times: TIMES,
    clock,
    log,
    random: () => 0.5,
    remote: {
      async send(value, signal) {
        if (isHanging) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        if (isHanging) throw new AgentError('AWS_UNREACHABLE', 'call took too long');
        sent.push({ at: clock.now() - startedAt, value: failure === null ? value : `${value} failed` });
        if (failure !== null) throw failure;
      },
    },
  });
  const stop = new AbortController();
  const running = outbox.run(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.advance(5 * SECOND);
    await running;
  };
  ends.push(end);
  return {
    clock,
    log,
    sent,
    outbox,
    end,
    fail: (code: 'AWS_DENIED' | 'AWS_THROTTLED' | null) => {
      failure = code === null ? null : new AgentError(code, 'no');
    },
    hang: () => {
      isHanging = true;
    },
  };
}

describe('an outbox', () => {
  it('sends the first at once, what changes after the gap, and only the newest', async () => {
    const { clock, outbox, sent } = start();
    outbox.offer('a', 'a');
    await clock.advance(SECOND);
    for (const value of ['b', 'c', 'd']) outbox.offer(value, value);
    await clock.advance(MINUTE);
    expect(sent).toEqual([
      { at: 0, value: 'a' },
      { at: 10 * SECOND, value: 'd' },
    ]);
  });

  it('sends the same again after the heartbeat and its jitter, with what is newest then', async () => {
    const { clock, outbox, sent } = start();
    outbox.offer('a at 1', 'a');
    await clock.advance(MINUTE);
    outbox.offer('a at 2', 'a');
    await clock.advance(15 * MINUTE);
    expect(sent).toEqual([
      { at: 0, value: 'a at 1' },
      { at: (15 * 60 + 56.25) * SECOND, value: 'a at 2' },
    ]);
  });

  it('sends nothing before there is something', async () => {
    const { clock, sent } = start();
    await clock.advance(60 * MINUTE);
    expect(sent).toEqual([]);
  });

  it('waits longer with each failure, up to the cap, whatever is offered meanwhile', async () => {
    const { clock, outbox, sent, fail } = start();
    fail('AWS_THROTTLED');
    for (let minute = 0; minute < 60; minute += 1) {
      outbox.offer(`${minute}`, `${minute}`);
      await clock.advance(MINUTE);
    }
    const gaps = sent.slice(1).map(({ at }, index) => (at - (sent[index]?.at ?? 0)) / SECOND);
    expect(gaps.slice(0, 6)).toEqual([22.5, 45, 90, 180, 360, 450]);
    expect(new Set(gaps.slice(5))).toEqual(new Set([450]));
  });

  it.each([
    ['a refusal at once', 'AWS_DENIED', 1],
    ['a throttling from the second in a row', 'AWS_THROTTLED', 2],
  ] as const)('tells of %s, once in the log, and of its end', async (_, code, shownAfter) => {
    const { clock, outbox, sent, fail, log } = start();
    fail(code);
    outbox.offer('a', 'a');
    await clock.settle();
    expect(outbox.trouble() !== null).toBe(shownAfter === 1);
    await clock.advance(5 * MINUTE);
    expect(outbox.trouble()).toEqual({
      type: 'MetricsUnsent',
      reason: code === 'AWS_DENIED' ? 'AwsDenied' : 'AwsThrottled',
      message: expect.stringContaining('no. '),
    });
    fail(null);
    await clock.advance(10 * MINUTE);
    expect(outbox.trouble()).toBeNull();
    expect(sent.at(-1)?.value).toBe('a');
    expect(log.events()).toEqual(['beside.failed', 'beside.recovered']);
  });

  it('tries once more when it ends, with what was not sent yet', async () => {
    const { clock, outbox, sent, end } = start();
    outbox.offer('a', 'a');
    await clock.advance(SECOND);
    outbox.offer('b', 'b');
    await end();
    expect(sent.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  it('ends although a call hangs', async () => {
    const { clock, outbox, sent, end, hang } = start();
    hang();
    outbox.offer('a', 'a');
    await clock.advance(SECOND);
    await end();
    expect(sent).toEqual([]);
  });

  it('is not held up by a clock that went back', async () => {
    const { clock, outbox, sent } = start();
    outbox.offer('a', 'a');
    await clock.advance(SECOND);
    clock.set(clock.now() - 60 * MINUTE);
    outbox.offer('b', 'b');
    await clock.advance(SECOND);
    expect(sent.map(({ value }) => value)).toEqual(['a', 'b']);
  });
});
