/** Planners with one deliberate fault each: the model must find every one. */
import type { Action, Plan } from '../../../../agent/core/actions.ts';
import type { Memory } from '../../../../agent/core/memory.ts';
import type { Observed } from '../../../../agent/core/observed.ts';
import { plan } from '../../../../agent/core/plan.ts';
import type { Planner } from '../../../fakes/plan-world.ts';

/** A planner that sees something else. */
const seeing = (change: (observed: Observed) => Partial<Observed>) => (): Planner => (observed, now) =>
  plan({ ...observed, ...change(observed) }, now);

const remembering = (change: (memory: Memory) => Partial<Memory>) =>
  seeing(({ memory }) => ({ memory: { ...memory, ...change(memory) } }));

/** A planner that does something else. */
const doing =
  (change: (action: Action, observed: Observed, now: number) => readonly Action[]) =>
  (): Planner =>
  (observed, now): Plan => {
    const made = plan(observed, now);
    return { ...made, actions: made.actions.flatMap((action) => change(action, observed, now)) };
  };

const without = (kind: Action['kind']) => doing((action) => (action.kind === kind ? [] : [action]));

/** Each life of the agent gives the attempt that it finds a new deadline. */
function resetProveBy(): Planner {
  let found: number | null = null;
  let deadline = 0;
  return (observed, now) => {
    const { attempt } = observed.memory;
    if (attempt !== null && found === null)
      [found, deadline] = [attempt.openedAt, now + observed.limits.proveMs];
    found ??= -1;
    const isFound = attempt !== null && attempt.openedAt === found && attempt.serving === null;
    if (!isFound) return plan(observed, now);
    return plan(
      { ...observed, memory: { ...observed.memory, attempt: { ...attempt, proveBy: deadline } } },
      now,
    );
  };
}

/** Restarts for whatever went live. */
const restartOnChange = (): Planner => (observed, now) => {
  const made = plan(observed, now);
  const { run, started, intent } = observed;
  const isOther = started !== null && intent !== null && intent.release.digest !== started.digest;
  if (made.actions.length > 0 || run.state !== 'running' || !isOther) return made;
  const restart = { kind: 'restart', cause: 'catalog', at: now, replaces: run.id } as const;
  return { ...made, actions: [{ ...restart, queriesKilled: [], requestId: null }] };
};

export const MUTANTS: Readonly<Record<string, () => Planner>> = {
  'skips the spacing': seeing(({ limits }) => ({ limits: { ...limits, spacingMs: 0 } })),
  'restarts on a change of metaschemas': restartOnChange,
  'forgets what is quarantined': remembering(() => ({ quarantined: [] })),
  'answers twice': doing((action) => (action.kind === 'answer' ? [action, action] : [action])),
  'answers nothing': without('answer'),
  'calls every restart done': doing((action) => [
    action.kind === 'answer' ? { ...action, outcome: 'done' } : action,
  ]),
  'works on in a pause': remembering(() => ({ paused: null })),
  'gives an attempt a new deadline after each crash': resetProveBy,
  'publishes what is held for showing more': seeing(({ candidate }) => ({
    candidate: candidate === null ? null : { ...candidate, widened: [] },
  })),
  'does not remember what is kept': without('keep'),
  'calls proven what serves': seeing(({ limits }) => ({ limits: { ...limits, stableMs: 0 } })),
  'calls metaschemas proven at once': seeing(({ limits }) => ({ limits: { ...limits, publishStableMs: 0 } })),
  'tries at once again what timed out': doing((action, _, now) => [
    action.kind === 'quarantine' ? { ...action, quarantine: { ...action.quarantine, retryAt: now } } : action,
  ]),
  'gives up on nothing': without('quarantine'),
  'condemns at the first exit': remembering(({ exits }) => ({
    exits: exits.flatMap((exit) => [exit, exit]),
  })),
  'serves a request by a run from before it': doing((action) => [
    action.kind === 'accept-request' && action.request.kind === 'restart'
      ? { ...action, request: { ...action.request, servedBy: action.request.after } }
      : action,
  ]),
  'does not go back to what was proven': remembering(({ quarantined }) => ({
    quarantined: quarantined.map((entry) => ({ ...entry, isRetrying: true })),
  })),
  'leaves a refused snapshot unnamed': without('refuse'),
  'never ends the start of a sick machine': without('back-off'),
  'waits with the clock that was set back': without('shift-clock'),
  'ignores a change by hand': seeing(() => ({ drift: [] })),
  'rolls metaschemas back with the catalogs': seeing(() => ({ composite: null })),
};
