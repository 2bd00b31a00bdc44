import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { createTriggers } from '../../../agent/app/triggers.ts';
import { joinSignals } from '../../../agent/core/join-signals.ts';

const countListeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;
/** What `AbortSignal.any` leaves behind is no listener: Node keeps it in a set of its own. */
const countDependants = (signal: AbortSignal) => {
  const symbol = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  );
  const set = symbol === undefined ? undefined : (signal as unknown as Record<symbol, Set<unknown>>)[symbol];
  return set?.size ?? 0;
};

it.each([0, 1])('aborts with the reason of signal %i, and lets go of both', (which) => {
  const both = [new AbortController(), new AbortController()] as const;
  const joined = joinSignals(both[0].signal, both[1].signal);
  expect(joined.signal.aborted).toBe(false);
  both[which as 0 | 1].abort('enough');
  expect([joined.signal.aborted, joined.signal.reason]).toEqual([true, 'enough']);
  expect(both.map(({ signal }) => countListeners(signal))).toEqual([0, 0]);
});

it('is aborted at once when one of them is', () => {
  const other = new AbortController();
  const joined = joinSignals(AbortSignal.abort('before'), other.signal);
  expect([joined.signal.aborted, joined.signal.reason]).toEqual([true, 'before']);
  expect(countListeners(other.signal)).toBe(0);
});

it('leaves nothing with the signals once it is released', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const joined = joinSignals(one.signal, other.signal);
  joined.release();
  one.abort();
  expect(joined.signal.aborted).toBe(false);
  expect([countListeners(one.signal), countListeners(other.signal)]).toEqual([0, 0]);
});

it('a thousand naps leave nothing with the signal of the run', async () => {
  const run = new AbortController();
  const triggers = createTriggers({ now: () => 0, sleep: async () => undefined });
  for (let nap = 0; nap < 1_000; nap += 1) await triggers.next(5_000, run.signal);
  expect([countListeners(run.signal), countDependants(run.signal)]).toEqual([0, 0]);
});
