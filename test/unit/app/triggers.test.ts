import { describe, expect, it } from 'vitest';
import { createTriggers } from '../../../agent/app/triggers.ts';
import { createFakeClock } from '../../fakes/fake-clock.ts';

const forever = new AbortController().signal;

/** Whether the promise is settled once everything that can run has run. */
async function isDone(promise: Promise<void>, settle: () => Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await settle();
  return done;
}

describe('triggers', () => {
  it('collapse into one cycle', async () => {
    const clock = createFakeClock();
    const triggers = createTriggers(clock);
    triggers.fire();
    triggers.fire();
    expect(await isDone(triggers.next(null, forever), clock.settle)).toBe(true);
    expect(await isDone(triggers.next(null, forever), clock.settle)).toBe(false);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('are not lost %i microtasks after a cycle ended', async (turns) => {
    const clock = createFakeClock();
    const triggers = createTriggers(clock);
    triggers.fire();
    const first = triggers.next(null, forever);
    await first;
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    triggers.fire();
    expect(await isDone(triggers.next(null, forever), clock.settle)).toBe(true);
  });

  it('wake a cycle that waits for a deadline', async () => {
    const clock = createFakeClock();
    const triggers = createTriggers(clock);
    const waiting = triggers.next(clock.now() + 60_000, forever);
    await clock.settle();
    triggers.fire();
    expect(await isDone(waiting, clock.settle)).toBe(true);
  });

  it('are not needed when the deadline comes', async () => {
    const clock = createFakeClock();
    const triggers = createTriggers(clock);
    const waiting = triggers.next(clock.now() + 1_000, forever);
    expect(await isDone(waiting, () => clock.advance(999))).toBe(false);
    expect(await isDone(waiting, () => clock.advance(1))).toBe(true);
  });

  it('let go at once when the agent is told to end', async () => {
    const clock = createFakeClock();
    const ending = new AbortController();
    const waiting = createTriggers(clock).next(null, ending.signal);
    ending.abort();
    expect(await isDone(waiting, clock.settle)).toBe(true);
  });
});
