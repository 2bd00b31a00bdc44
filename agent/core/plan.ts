import type { Plan } from './actions.ts';
import type { Observed } from './observed.ts';
import { followAttempt } from './plan/attempt.ts';
import { runEngine, stopWithoutTarget } from './plan/engine.ts';
import { forgetQuarantine, storeComposite, takeIn } from './plan/intake.ts';
import { publish } from './plan/publish.ts';
import { acceptRequests, answerRequests, awaitSettle } from './plan/requests.ts';
import { noteExit, noteRun } from './plan/run.ts';
import { nurse } from './plan/sick.ts';
import { decide, type Section } from './plan/step.ts';
import { endPause, noteClock, retryLater } from './plan/time.ts';
import { watchPublished } from './plan/watch.ts';

/** The order is the decision: what stands above is settled before what stands below is looked at. */
const SECTIONS: readonly Section[] = [
  noteClock,
  noteExit,
  noteRun,
  endPause,
  takeIn,
  storeComposite,
  forgetQuarantine,
  acceptRequests,
  publish,
  followAttempt,
  nurse,
  answerRequests,
  stopWithoutTarget,
  runEngine,
  awaitSettle,
  watchPublished,
  retryLater,
];

/**
 * Decides what to do next. Pure: no clock, no I/O, no randomness.
 *
 * - A plan is never resumed: after its actions, a failure or a crash, the next cycle observes and plans again.
 * - Without actions the gateway rests or waits; `reason` says which, `wakeAt` until when.
 */
export function plan(observed: Observed, now: number): Plan {
  return decide(SECTIONS, observed, now);
}
