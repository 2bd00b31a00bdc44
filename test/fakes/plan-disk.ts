/** What outlives the agent of a gateway in memory: releases, intent, live etc; and the points at which it is stopped. */
import type { ReleaseFacts } from '../../agent/core/types.ts';

export class StopHere extends Error {}

export interface StopPoint {
  /** The n-th outside effect from now on, from 1. */
  readonly effect: number;
  readonly when: 'before' | 'middle' | 'after';
}

export function createPlanDisk(onLive: (release: ReleaseFacts, isWhole: boolean) => void) {
  let store: readonly ReleaseFacts[] = [];
  let intent: { readonly release: ReleaseFacts; readonly phase: 'publishing' | 'published' } | null = null;
  let drift: readonly string[] = [];
  let stopAt: StopPoint | null = null;
  let effects = 0;

  /** Does something that shows outside, or stops the agent there. */
  const effect = (run: () => void, middle: () => void = () => undefined) => {
    effects += 1;
    const when = stopAt?.effect === effects ? stopAt.when : null;
    if (when === 'middle') middle();
    if (when === 'before' || when === 'middle') throw new StopHere();
    run();
    if (when === 'after') throw new StopHere();
  };

  const bring = (release: ReleaseFacts, isWhole: boolean) => {
    intent = { release, phase: isWhole ? 'published' : 'publishing' };
    if (isWhole) drift = [];
    onLive(release, isWhole);
  };

  return {
    effect,
    write: (made: ReleaseFacts) =>
      effect(() => {
        if (!store.some(({ digest }) => digest === made.digest)) store = [...store, made];
      }),
    publish: (digest: string) => {
      const release = store.find((one) => one.digest === digest);
      if (release === undefined) throw new Error(`${digest} is not stored`);
      effect(
        () => bring(release, true),
        () => bring(release, false),
      );
    },
    store: () => store,
    intent: () => intent,
    drift: () => drift,
    /** What lies in the live etc. */
    live: () => (intent === null ? null : intent.phase === 'published' ? intent.release.digest : 'mixed'),
    changeByHand: (paths: readonly string[]) => {
      drift = paths;
    },
    stopAt: (next: StopPoint | null) => {
      stopAt = next;
      effects = 0;
    },
    effects: () => effects,
  };
}
