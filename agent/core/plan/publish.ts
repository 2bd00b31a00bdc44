/** The live etc follows the target; what a person changed by hand is put right. */
import type { Observed } from '../observed.ts';
import { chooseTarget, isFallingBack, isPaused, short } from './facts.ts';
import { act, type Section, wait } from './step.ts';

const isRollbackUnderWay = ({ memory, intent }: Observed): boolean =>
  intent !== null && memory.quarantined.some(({ digest }) => digest === intent.release.digest);

export const publish: Section = (observed, now) => {
  const target = chooseTarget(observed);
  const { intent, drift } = observed;
  if (target === null) return null;
  const isCurrent = intent?.release.digest === target.digest;
  if (isCurrent && intent.phase === 'published' && drift.length === 0) return null;

  if (isCurrent && intent.phase === 'publishing') {
    return act(`publishing ${short(target.digest)} is finished`, {
      kind: 'publish',
      digest: target.digest,
      drift: [],
    });
  }
  if (isPaused(observed, now) && !(isFallingBack(observed) && isRollbackUnderWay(observed))) {
    // A publish that was cut off is finished even so: half a release serves nobody.
    if (intent?.phase === 'publishing') {
      const { digest } = intent.release;
      return act(`publishing ${short(digest)} is finished`, { kind: 'publish', digest, drift: [] });
    }
    return wait('paused: nothing new is published', observed.memory.paused?.until ?? null);
  }
  if (isCurrent) {
    return act(`changed by hand and put right: ${drift.join(', ')}`, {
      kind: 'publish',
      digest: target.digest,
      drift,
    });
  }
  // Forgotten first, should the agent be killed between: what comes back live is watched anew.
  const forget = observed.memory.watch === null ? [] : [{ kind: 'watch', watch: null } as const];
  return act(`release ${short(target.digest)} goes live`, ...forget, {
    kind: 'publish',
    digest: target.digest,
    drift: [],
  });
};
