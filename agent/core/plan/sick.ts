/** What was proven here and fails later is not the configuration's fault: stop, and start at growing intervals. */
import { SICK_EXITS, SICK_START_MS, SICK_WINDOW_MS } from '../limits.ts';
import type { Observed } from '../observed.ts';
import type { Fingerprint } from '../types.ts';
import { chooseTarget, isAlive, isProvenFingerprint, isServing } from './facts.ts';
import { act, type Section, type Step, wait } from './step.ts';

/** `fingerprint` is of what failed, which another release may follow already. */
export function backOff(observed: Observed, fingerprint: Fingerprint, now: number, why: string): Step {
  const { memory } = observed;
  const step = memory.sick === null ? 0 : memory.sick.step + 1;
  const delayMs = SICK_START_MS[Math.min(step, SICK_START_MS.length - 1)] ?? 0;
  const sick = {
    since: memory.sick?.since ?? now,
    step,
    startAt: now + delayMs,
    isStopped: true,
    fingerprint,
  };
  return act(`the machine looks sick: ${why}`, { kind: 'back-off', sick, why }, { kind: 'stop', why });
}

export const nurse: Section = (observed, now) => {
  const { memory, run, started } = observed;
  const { sick } = memory;
  const target = chooseTarget(observed);
  if (target === null) return null;
  const isSickOfHost = sick !== null && sick.fingerprint === target.fingerprint;
  if (!isProvenFingerprint(observed, target.fingerprint) && !isSickOfHost) {
    return sick === null ? null : act('another configuration is tried', { kind: 'recover' });
  }
  if (sick === null) {
    if (started?.fingerprint !== target.fingerprint) return null;
    const recent = memory.exits.filter(({ at }) => now - at < SICK_WINDOW_MS);
    if (recent.length < SICK_EXITS) return null;
    return backOff(
      observed,
      target.fingerprint,
      now,
      `${recent.length} exits in ten minutes of a configuration that was proven`,
    );
  }
  if (sick.isStopped) {
    if (now >= sick.startAt) return null;
    if (isAlive(run)) return act('stopped until the next try', { kind: 'stop', why: 'sick' });
    return wait('the machine looks sick; the next start is tried later', sick.startAt);
  }
  const exits = memory.exits.filter(({ at }) => at >= sick.startAt);
  if (exits.length > 0) return backOff(observed, target.fingerprint, now, 'it ended again');
  const wellAt = sick.startAt + SICK_WINDOW_MS;
  if (now >= wellAt && isServing(observed))
    return act('it stayed up: the machine is well again', { kind: 'recover' });
  return wait('watching whether the machine is well again', Math.max(wellAt, now + 1_000));
};
