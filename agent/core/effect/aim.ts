import type { Observed } from '../observed.ts';
import { isServing } from '../plan/facts.ts';
import type { Digest, RunId } from '../types.ts';

/** A release that is live in a run that serves. */
export interface EffectAim {
  readonly digest: Digest;
  readonly run: RunId;
}

/** What to look for in SQL now; null while nothing is wholly published, or nothing answers. */
export function effectAimOf(observed: Observed): EffectAim | null {
  const { intent, run } = observed;
  if (intent === null || intent.phase !== 'published' || run.id === null || !isServing(observed)) return null;
  return { digest: intent.release.digest, run: run.id };
}
