/** Lets the queries that ran when the drain began end, within its limit; newer ones do not prolong it. */
import type { AcceptedRequest } from '../memory.ts';
import type { Observed } from '../observed.ts';
import type { RunningQuery } from '../run.ts';
import { isServing } from './facts.ts';
import { act, type Step, wait } from './step.ts';

export interface Drained {
  /** What must happen before the restart; null: go on. */
  readonly step: Step;
  /** The queries that the restart will kill. */
  readonly left: readonly RunningQuery[];
}

/** How long a restart that waits for no query waits for a look, so that it can name what it kills. */
const LOOK_MS = 1_000;

/** `request` is what asked for the restart, if anything did. */
export function drainFirst(observed: Observed, request: AcceptedRequest | null, now: number): Drained {
  const { memory, run, probe, limits } = observed;
  const go = (left: readonly RunningQuery[]): Drained => ({ step: null, left });
  const current = probe !== null && probe.run === run.id ? probe : null;
  if (request?.isNow === true) {
    const isFresh = current !== null && current.at >= request.acceptedAt;
    const until = request.acceptedAt + LOOK_MS;
    if (!isFresh && now < until && isServing(observed)) {
      return { step: wait('looking which queries run', until), left: [] };
    }
    return go(current?.queries ?? []);
  }
  if (limits.drainMs === 0) return go(current?.queries ?? []);
  const { drain } = memory;
  const { id } = run;
  if (id === null) return go([]);
  if (drain === null || drain.run !== id) {
    // What answers no query has none to lose.
    if (!isServing(observed)) return go([]);
    const begun = { run: id, beganAt: now, until: now + limits.drainMs, queries: null };
    return { step: act('the drain begins', { kind: 'drain', drain: begun }), left: [] };
  }
  const isFresh = current !== null && current.at >= drain.beganAt;
  if (!isFresh) {
    if (now >= drain.until) return go(drain.queries ?? current?.queries ?? []);
    return { step: wait('looking which queries run', drain.until), left: [] };
  }
  if (drain.queries === null) {
    if (current.queries.length === 0) return go([]);
    const known = { ...drain, queries: current.queries };
    return {
      step: act(`${current.queries.length} queries are let finish`, { kind: 'drain', drain: known }),
      left: [],
    };
  }
  const left = drain.queries.filter(({ id: query }) =>
    current.queries.some((running) => running.id === query),
  );
  // Those that began meanwhile are killed as well.
  if (left.length === 0 || now >= drain.until) return go(current.queries);
  return {
    step: wait(`draining ${left.length} ${left.length === 1 ? 'query' : 'queries'}`, drain.until),
    left: [],
  };
}
