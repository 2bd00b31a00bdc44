import type { Action, Plan } from '../actions.ts';
import type { Observed } from '../observed.ts';

/**
 * What a section of the planner says: `act` ends the plan with these actions, `wait` lets the later sections
 * speak too. Null: nothing to say.
 */
export type Step =
  | { readonly kind: 'act'; readonly actions: readonly Action[]; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string; readonly wakeAt: number | null }
  | null;

export type Section = (observed: Observed, now: number) => Step;

export const act = (reason: string, ...actions: readonly Action[]): Step => ({
  kind: 'act',
  actions,
  reason,
});

export const wait = (reason: string, wakeAt: number | null): Step => ({ kind: 'wait', reason, wakeAt });

/** Runs the sections in order: the first that acts decides; without one, the waits are gathered. */
export function decide(sections: readonly Section[], observed: Observed, now: number): Plan {
  const waits: { reason: string; wakeAt: number | null }[] = [];
  for (const section of sections) {
    const step = section(observed, now);
    if (step === null) continue;
    if (step.kind === 'act') return { actions: step.actions, reason: step.reason, wakeAt: now };
    waits.push(step);
  }
  const wakeTimes = waits.flatMap(({ wakeAt }) => (wakeAt === null ? [] : [wakeAt]));
  return {
    actions: [],
    reason: waits[0]?.reason ?? 'nothing to do',
    wakeAt: wakeTimes.length === 0 ? null : Math.min(...wakeTimes),
  };
}
