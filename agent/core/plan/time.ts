/** What only time brings: the end of a pause, another try of what timed out; and a clock that was set back. */
import { setBackMs } from '../clock-shift.ts';
import { isPaused } from './facts.ts';
import { act, type Section, wait } from './step.ts';

export const noteClock: Section = ({ memory }, now) => {
  const byMs = setBackMs(memory, now);
  return byMs === 0 ? null : act('the clock was set back', { kind: 'shift-clock', byMs });
};

export const endPause: Section = (observed, now) => {
  const { paused } = observed.memory;
  if (paused === null) return null;
  if (!isPaused(observed, now)) return act('the pause ran out', { kind: 'end-pause' });
  return wait('paused', paused.until);
};

export const retryLater: Section = (observed, now) => {
  const { memory } = observed;
  const due = memory.quarantined.find(({ retryAt, isRetrying }) => retryAt !== null && !isRetrying);
  if (due === undefined || due.retryAt === null) return null;
  if (now < due.retryAt) return wait('what timed out is tried again later', due.retryAt);
  if (isPaused(observed, now)) return null;
  return act('what timed out is tried again', { kind: 'retry', digest: due.digest });
};
