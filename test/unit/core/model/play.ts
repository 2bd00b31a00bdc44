/** Plays a script against the real planner, and judges all that happens by the promises. */

import type { OpenRequest } from '../../../../agent/core/observed.ts';
import { MINUTE, SECOND } from '../../../fakes/builders.ts';
import { StopHere } from '../../../fakes/plan-disk.ts';
import type { Behaviour } from '../../../fakes/plan-engine.ts';
import { type Files, fingerprintOf, judgeFiles, snapshotOf } from '../../../fakes/plan-source.ts';
import { createPlanWorld, type Planner } from '../../../fakes/plan-world.ts';
import { judgeCounts, restOf, type Window } from './counts.ts';
import { note } from './note.ts';
import { createNotes, type Happening } from './notes.ts';
import type { Operation } from './operations.ts';
import type { Promised } from './promise.ts';
import { ANSWERS } from './promises-answers.ts';
import { LIVE } from './promises-live.ts';
import { PROOF } from './promises-proof.ts';
import { STARTS } from './promises-starts.ts';
import { PREDICTIONS } from './rest.ts';

export const PROMISES: readonly Promised[] = [...STARTS, ...LIVE, ...PROOF, ...ANSWERS];

/** The message names the promise and what was seen. */
export class BrokenPromise extends Error {}

const REST_MS = 4 * 60 * MINUTE;
const FIRST: Files = {
  group: 'g',
  catalog: 'A',
  shows: 'list',
  metaschema: 1,
  isBroken: false,
  allow: [],
  order: 0,
};

type Broken = (words: string, found: string | null) => void;
const refuse: Broken = (words, found) => {
  if (found !== null) throw new BrokenPromise(`${words}: ${found}`);
};

/** Throws `BrokenPromise`. */
export function play(options: {
  readonly operations: readonly Operation[];
  /** What the engine does with the catalogs B and C at first. */
  readonly behaviours: readonly [Behaviour, Behaviour];
  readonly planner?: () => Planner;
}): void {
  const notes = createNotes();
  let source = FIRST;
  let cut: Files | null = null;
  let order = 0;
  let asked = 0;
  let lastRestart: string | null = null;
  let before: Omit<Window, 'operations' | 'elapsedMs'> | null = null;
  let restedAt = 0;
  let sinceRest: Operation[] = [];

  const tell = (event: Happening) => {
    Object.assign(notes, { at: world.clock.elapsed(), now: world.clock.now() });
    for (const { words, judge } of PROMISES) refuse(words, judge(notes, event));
    note(notes, event);
  };
  const world = createPlanWorld({
    onEvent: tell,
    ...(options.planner === undefined ? {} : { planner: options.planner }),
  });
  world.judgeBy((memory) => (cut === null ? null : judgeFiles(cut, memory, world.intent()?.release ?? null)));

  const behave = (catalog: string, does: Behaviour) => {
    for (const group of ['g', 'h']) {
      for (const shows of ['list', 'all'] as const) {
        world.behaviour[fingerprintOf({ ...FIRST, group, catalog, shows })] = does;
      }
    }
  };
  const behaviourOf = (fingerprint: string) => world.behaviour[fingerprint] ?? 'serves';

  const look = () => {
    if (notes.isSourceAway || notes.isSourcePending || cut === source) return;
    cut = source;
    tell({ kind: 'cut', files: cut });
  };
  const sync = (next: Partial<Files>) => {
    order += 1;
    source = { ...source, isBroken: false, allow: [], ...next, order };
    look();
  };
  const setSource = (is: 'away' | 'pending' | 'back') => {
    Object.assign(notes, { isSourceAway: is === 'away', isSourcePending: is === 'pending' });
    world.source({ isUnreachable: is === 'away', isPending: is === 'pending' });
    look();
  };

  /** The next one has seen nothing yet. */
  const replaceAgent = () => {
    tell({ kind: 'agent-died' });
    world.nextAgent();
    cut = null;
    look();
  };

  /** The agent works until it is stopped; then the next one does. */
  const work = (durationMs: number) => {
    const until = world.clock.elapsed() + durationMs;
    for (;;) {
      try {
        world.pass(Math.max(0, until - world.clock.elapsed()));
        return;
      } catch (error) {
        if (!(error instanceof StopHere)) throw error;
        replaceAgent();
      }
    }
  };

  const ask = (kind: OpenRequest['kind'], more: object = {}, again: string | null = null) => {
    asked += 1;
    const id = again ?? `${kind}-${asked}`;
    const request = { id, by: 'op', reason: 'asked', requestedAt: world.now(), kind, ...more } as OpenRequest;
    tell({ kind: 'asked', request });
    world.ask(request);
    return id;
  };

  const rest = () => {
    setSource('back');
    work(REST_MS);
    world.events.length = 0;
    work(60 * MINUTE);
    const state = { notes, behaviourOf, drift: world.observe().drift, unrest: [...world.events] };
    for (const [words, predict] of Object.entries(PREDICTIONS)) refuse(words, predict(state));
    if (before !== null) {
      const window = { ...before, operations: sinceRest, elapsedMs: world.clock.elapsed() - restedAt };
      refuse('restarts are as many as what was changed', judgeCounts(notes, window, behaviourOf));
    }
    const rested = restOf(notes);
    // Catalogs that came with what was refused come with the next good sync, whatever that changes itself.
    const isOwed = source.isBroken && fingerprintOf(source) !== rested?.fingerprint;
    before = { from: isOwed ? null : rested, runsBefore: notes.runs.length };
    restedAt = world.clock.elapsed();
    sinceRest = [];
  };

  const perform = (op: Operation) => {
    switch (op.do) {
      case 'sync-metaschema':
        return sync({ metaschema: op.to });
      case 'sync-catalog':
        return sync({ catalog: op.to });
      case 'sync-same':
        return sync({ isBroken: source.isBroken });
      case 'sync-broken':
        return sync({ isBroken: true });
      case 'lose-metaschemas':
        return sync({ metaschema: null, allow: op.isAllowed ? ['deletion'] : [] });
      case 'show-all':
        return sync({ shows: 'all', allow: op.isAllowed ? ['exposure'] : [] });
      case 'show-list':
        return sync({ shows: 'list' });
      case 'move-group':
        return sync({ group: source.group === 'g' ? 'h' : 'g' });
      case 'burst':
        for (let n = 0; n < op.count; n += 1) {
          sync({ catalog: n % 2 === 0 ? 'D' : 'A' });
          work(SECOND);
        }
        return undefined;
      case 'allow':
        if (notes.cut === null) return undefined;
        ask('allow', { hold: op.hold, snapshot: op.isOfOther ? 'other' : snapshotOf(notes.cut), paths: [] });
        return undefined;
      case 'source':
        return setSource(op.is);
      case 'stop-agent':
        return world.stopAgentAt({ effect: op.effect, when: op.when });
      case 'agent-away':
        tell({ kind: 'agent-away' });
        return world.passWithoutAgent(op.ms);
      case 'kill':
        return world.crash(op.how);
      case 'stop-engine':
        return world.stopByHand();
      case 'restart':
        lastRestart = ask('restart', { isNow: op.isNow }, op.isSameId ? lastRestart : null);
        return undefined;
      case 'poll':
      case 'retry':
      case 'resume':
        ask(op.do);
        return undefined;
      case 'pause':
        ask('pause', { forMs: op.forMs });
        return undefined;
      case 'set-clock':
        world.clock.set(op.byMs);
        return tell({ kind: 'clock-set', byMs: op.byMs });
      case 'reboot':
        tell({ kind: 'reboot' });
        world.reboot();
        return replaceAgent();
      case 'kill-agent':
        return replaceAgent();
      case 'edit-by-hand':
        return world.change({ drift: ['catalog/shop.properties'] });
      case 'memory':
        notes.isMemorySufficient = op.isSufficient;
        return world.memorySufficient(op.isSufficient);
      case 'engine':
        return behave(op.of, op.does);
      case 'wait':
        return work(op.ms);
      case 'rest':
        return rest();
    }
  };

  behave('B', options.behaviours[0]);
  behave('C', options.behaviours[1]);
  look();
  for (const one of options.operations) {
    if (one.do !== 'rest') sinceRest.push(one);
    perform(one);
    work(0);
  }
  perform({ do: 'memory', isSufficient: true });
  perform({ do: 'resume' });
  rest();
}
