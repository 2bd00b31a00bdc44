import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  TUNNEL_FAILURES,
  type TunnelFailure,
  type TunnelFailureKind,
} from '../../../../agent/core/tunnel/failure.ts';
import {
  advanceTunnel,
  beginTunnel,
  hasSlept,
  type TunnelEvent,
  type TunnelState,
} from '../../../../agent/core/tunnel/state.ts';

const START = 1_750_000_000_000;
const GATEWAY = { instance: 'i-1', publicAddress: '203.0.113.7', privateAddress: null };
const because = (kind: TunnelFailureKind): TunnelFailure => ({ kind, detail: kind });
const failed = (kind: TunnelFailureKind, afterMs: number, random = 0): TunnelEvent => ({
  kind: 'failed',
  failure: because(kind),
  at: START + afterMs,
  random,
});
const found: TunnelEvent = { kind: 'found', gateway: GATEWAY, at: START };
const up = (afterMs: number): TunnelEvent => ({ kind: 'up', at: START + afterMs });
const stateAfter = (...events: TunnelEvent[]): TunnelState =>
  events.reduce(advanceTunnel, beginTunnel(START));
const kinds = Object.keys(TUNNEL_FAILURES) as TunnelFailureKind[];

describe('before it was up for the first time', () => {
  it('begins with a try', () => expect(beginTunnel(START).next).toEqual({ kind: 'try' }));

  it.each(kinds.filter((kind) => TUNNEL_FAILURES[kind].first === 'end'))('%s ends it at once', (kind) => {
    expect(stateAfter(found, failed(kind, 100)).next).toEqual({ kind: 'end', failure: because(kind) });
  });

  it.each(kinds.filter((kind) => TUNNEL_FAILURES[kind].first === 'retry'))(
    '%s is tried again for 20 s, since scripts wait for it',
    (kind) => {
      expect(stateAfter(found, failed(kind, 20_000)).next.kind).toBe('wait');
      expect(stateAfter(found, failed(kind, 20_001)).next).toEqual({ kind: 'end', failure: because(kind) });
    },
  );
});

describe('after it was up', () => {
  it('waits a little after the loss, and longer after each try that fails, but never 3 s', () => {
    let state = stateAfter(found, up(0));
    const waits: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      state = advanceTunnel(state, failed('refused', 1_000, 0.999));
      if (state.next.kind === 'wait') waits.push(state.next.until - START - 1_000);
      state = advanceTunnel(state, { kind: 'waited', at: START + 1_000, hasSlept: false });
    }
    expect(waits.slice(0, 4)).toEqual([250, 500, 1_000, 1_999]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(3_000);
  });

  it('asks less often when it has been away for an hour', () => {
    const lost = stateAfter(found, up(0), failed('lost', 1_000));
    const many = { ...lost, failures: 20 };
    const soon = advanceTunnel(many, failed('silent', 3_600_000, 0.999));
    const late = advanceTunnel(many, failed('silent', 3_602_000, 0.999));
    expect(soon.next).toEqual({ kind: 'wait', until: START + 3_600_000 + 2_999 });
    expect(late.next).toEqual({ kind: 'wait', until: START + 3_602_000 + 29_985 });
  });

  it.each(['host-key', 'access-key', 'key-unusable'] as const)(
    '%s is tried for two minutes: a gateway that is being replaced looks like this',
    (kind) => {
      const lost = stateAfter(found, up(0), failed('lost', 10_000), failed(kind, 20_000));
      expect(advanceTunnel(lost, failed(kind, 140_000)).next.kind).toBe('wait');
      expect(advanceTunnel(lost, failed(kind, 140_001)).next.kind).toBe('end');
      const between = advanceTunnel(lost, failed('refused', 100_000));
      expect(advanceTunnel(between, failed(kind, 140_001)).next.kind).toBe('wait');
    },
  );

  it.each(kinds.filter((kind) => TUNNEL_FAILURES[kind].later === 'end'))('%s ends it', (kind) => {
    expect(stateAfter(found, up(0), failed(kind, 1_000)).next.kind).toBe('end');
  });

  it('begins anew with short waits after this machine slept', () => {
    const away = stateAfter(
      found,
      up(0),
      failed('lost', 0),
      failed('silent', 1_000),
      failed('silent', 2_000),
    );
    const woken = advanceTunnel(away, { kind: 'waited', at: START + 9_000_000, hasSlept: true });
    expect(woken).toMatchObject({ failures: 0, next: { kind: 'try' } });
  });

  it('knows for how long it was away, and from which instance', () => {
    const lost = stateAfter(found, up(0), failed('lost', 5_000), failed('refused', 6_000));
    expect(lost).toMatchObject({ upAt: null, lostAt: START + 5_000, upInstance: 'i-1', upCount: 1 });
    expect(advanceTunnel(lost, up(9_000))).toMatchObject({ upAt: START + 9_000, lostAt: null, upCount: 2 });
  });
});

describe('whatever happens', () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constant('failed' as const),
      failure: fc.constantFrom(...kinds).map(because),
      at: fc.nat(10_000_000).map((ms) => START + ms),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
    fc.record({ kind: fc.constant('up' as const), at: fc.nat(10_000_000).map((ms) => START + ms) }),
    fc.constant(found),
    fc.record({
      kind: fc.constant('waited' as const),
      at: fc.constant(START),
      hasSlept: fc.boolean(),
    }),
  );

  it('there is a next step, and no wait is longer than 30 s', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state = beginTunnel(START);
        for (const one of events) {
          state = advanceTunnel(state, one);
          if (one.kind === 'failed' && state.next.kind === 'wait')
            expect(state.next.until - one.at).toBeLessThanOrEqual(30_000);
          if (state.next.kind === 'watch') expect(state.upAt).not.toBeNull();
          if (state.upAt !== null) expect(state.lostAt).toBeNull();
        }
      }),
    );
  });
});

it.each([
  ['a tick in time', 1_000, false],
  ['a tick of a busy machine', 5_900, false],
  ['a sleep', 60_000, true],
  ['a clock that was set back', -3_600_000, false],
])('%s', (_title, spanMs, isSleep) => {
  expect(hasSlept({ from: START, to: START + spanMs, plannedMs: 1_000 })).toBe(isSleep);
});
